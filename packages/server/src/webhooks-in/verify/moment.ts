/** When a provider says it sent a webhook, and whether that is near enough to be no replay. Pure. */

export type Unit = 'seconds' | 'milliseconds' | 'iso8601';

/**
 * Where the vendor names no window: longer than any repeats a delivery with its first time. What is younger and comes twice is known by its id or
 * its signature.
 */
const WINDOW_SECONDS = 24 * 3600;

/** @param text digits, or a date (ISO 8601) */
export function momentOf(text: string, unit?: Unit): Date | undefined {
  const time = /^\d{1,16}$/.test(text) ? Number(text) * (millisecondsEach(text, unit) ?? Number.NaN) : Date.parse(text);
  return Number.isNaN(time) || Math.abs(time) > 8.64e15 ? undefined : new Date(time);
}

/** Without a word of the vendor: twelve digits of seconds are the year 5138. */
function millisecondsEach(text: string, unit: Unit | undefined): number | undefined {
  if (unit === 'iso8601') return undefined;
  return (unit ?? (text.length < 12 ? 'seconds' : 'milliseconds')) === 'seconds' ? 1_000 : 1;
}

export function isNear(moment: Date, now: Date, toleranceSeconds = WINDOW_SECONDS): boolean {
  return Math.abs(now.getTime() - moment.getTime()) <= toleranceSeconds * 1_000;
}
