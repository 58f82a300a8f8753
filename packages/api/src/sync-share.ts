/** The part of an environment in running syncs: a file of its own, because the contract, the server and the dashboard read it. */
import * as z from 'zod';

/** `weight`: twice as much gets twice the runs while others wait. `runs_max`: syncs at once; null: what the server allows. */
export const SyncShare = z.strictObject({
  weight: z.number().int().min(1).max(100),
  runs_max: z.number().int().min(1).max(1_000_000).nullable(),
});
export type SyncShare = z.infer<typeof SyncShare>;
