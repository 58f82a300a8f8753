/** What the syncs of the tests save. */
import { z } from 'zod';

export const Row = z.object({ id: z.string(), value: z.string() });
export type Row = z.infer<typeof Row>;
export const rows = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: String(index), value: `value ${index}` }));
