/**
 * Query strings in the dialect of the wire: nested keys such as `tags[a]=b`, a repeated key is an array.
 * What is over the limits is refused as a whole: qs would drop the rest in silence, and a caller would take a part for all.
 */
import qs from 'qs';

/** Stands for a query that nobody wants to read. */
const REFUSED: Record<string, unknown> = {};

/** Keys that would reach prototypes (`__proto__`, `constructor`) are left out by qs. */
export function parseQuery(text: string): Record<string, unknown> {
  try {
    return qs.parse(text, { arrayLimit: 100, parameterLimit: 1000, depth: 4, throwOnLimitExceeded: true });
  } catch {
    return REFUSED;
  }
}

export const isRefused = (query: unknown): boolean => query === REFUSED;
