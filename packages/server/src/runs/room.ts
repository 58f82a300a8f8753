/** How many sandboxes a process may have: at work, and waiting for the next run of their function. */

/** Besides those of syncs: however many of them run, so many actions, webhook handlers and functions of events find a sandbox at once. */
const RUNS_MIN = 24;
/** Of the machine's memory, for those that wait, for half a minute after their last run; one that has run takes 55 to 100 MB. */
const SHARE = 1 / 8;
const ONE_BYTES = 80 * 2 ** 20;
/**
 * A run whose function has none that waits costs a process, 150 ms of two slow cores instead of 4. With 20 functions called at random, 74 runs a second
 * with room for all of them, 12 with room for 8.
 */
const IDLE = { least: 8, most: 64 };

export function sandboxRoom(
  { syncConcurrency }: { readonly syncConcurrency: number },
  memoryBytes: number,
): { runsMax: number; idleMax: number } {
  const idleMax = Math.min(IDLE.most, Math.max(IDLE.least, Math.floor((memoryBytes * SHARE) / ONE_BYTES)));
  return { runsMax: RUNS_MIN + syncConcurrency, idleMax };
}
