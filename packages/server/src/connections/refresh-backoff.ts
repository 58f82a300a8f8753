/**
 * When a refresh that failed may be tried again, by whose turn it is (decisions/021). Pure. Waits are shortened by up to a quarter, evenly
 * over connections, so that what failed together does not come back together.
 */
import type { FailureKind } from '../credentials/failure.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** After the first failure of a kind, the second …; the last one repeats. */
export const WAITS_MS: Readonly<Record<FailureKind, readonly number[]>> = {
  // Once more soon, since providers err; then a day's look each until the fourth day ends it: neither can hurt a token that is dead.
  revoked: [30 * SECOND, DAY],
  // The developer's turn: a change of the integration ends the wait.
  misconfigured: [30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR],
  // Soon: where the answer was lost, the old refresh token may still be good for some seconds.
  transient: [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND, 80 * SECOND, 160 * SECOND, 5 * MINUTE],
  provider_down: [30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE],
};
/** Between probes of an endpoint, or of a client, that fails for everybody. */
export const PROBE_WAITS_MS: readonly number[] = [30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE];
/** No provider may keep a connection away for longer. */
const RETRY_AFTER_MS_MAX = 6 * HOUR;

export type Wait = {
  /** In a row, this one included. */
  readonly failures: number;
  /** 0 to 1. */
  readonly fraction: number;
  /** What the provider asked for. */
  readonly retryAfterMs?: number;
};

export function waitMs(waits: readonly number[], { failures, fraction, retryAfterMs = 0 }: Wait): number {
  const wait = waits[Math.min(Math.max(failures, 1), waits.length) - 1] ?? 0;
  return Math.max(wait * (1 - fraction / 4), Math.min(retryAfterMs, RETRY_AFTER_MS_MAX));
}
