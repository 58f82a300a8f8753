/** When a run's deletions are held until somebody agrees: a file of its own, because the contract, the server and the dashboard read it. */
import * as z from 'zod';

/** A run deletes nothing by itself where it would delete `percent` of a model and at least `records`; null: it always does. */
export const DeletionGuard = z.strictObject({
  percent: z.number().int().min(1).max(100).nullable(),
  records: z.number().int().min(0).max(1_000_000_000),
});
export type DeletionGuard = z.infer<typeof DeletionGuard>;
