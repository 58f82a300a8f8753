/** When a request that failed is worth sending again, and after how long. Pure. */
import type { BowlineError } from './errors.ts';

const passing = new Set([429, 502, 503, 504]);
const BASE_MS = 300;
const CEILING_MS = 10_000;
/** Whoever is told to wait longer than this had better hear of it. */
const PATIENCE_MS = 60_000;

export type Failure = {
  readonly error: BowlineError;
  /** Tries so far, the first included. */
  readonly tries: number;
  readonly now: Date;
  /** 0 to 1. */
  readonly chance: number;
};

/** @returns milliseconds to wait, or undefined when it is not to be sent again */
export function waitBeforeRetry({ error, tries, now, chance }: Failure): number | undefined {
  if (error.code === 'network_error') return backoff(tries, chance);
  if (error.status === undefined || !passing.has(error.status)) return undefined;
  const asked = retryAfter(error.response?.headers['retry-after'], now);
  if (asked === undefined) return backoff(tries, chance);
  return asked > PATIENCE_MS ? undefined : asked;
}

/** Doubling, with jitter over its upper half: many clients that failed together do not come back together. */
function backoff(tries: number, chance: number): number {
  return Math.min(CEILING_MS, BASE_MS * 2 ** (tries - 1)) * (0.5 + chance / 2);
}

/** Seconds, or a date. */
function retryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now.getTime() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
