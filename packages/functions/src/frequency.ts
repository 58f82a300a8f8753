/**
 * How often a sync runs, written the way people write it: `every 5 minutes`, `1h`, `every half day`, `1.5 hours`.
 * One grammar for the compiler and the server, so that what compiles also deploys; anything outside 30 seconds to 31 days is refused.
 * A number without a unit is milliseconds, as in the `ms` library.
 */

export type Frequency = { ok: true; ms: number; normalised: string } | { ok: false; message: string };

export const frequencyMinMs = 30_000;
export const frequencyMaxMs = 31 * 86_400_000;

/**
 * Reads a frequency.
 * In: the author's text. Out: its length in milliseconds and a normalised spelling (`every 90 minutes`) that parses to the same length, or a
 * message that says what to write instead. Throws nothing.
 *
 * @example
 * parseFrequency('every hour');  // { ok: true, ms: 3_600_000, normalised: 'every 1 hour' }
 * parseFrequency('every 5s');    // { ok: false, message: '"every 5s" is 5 seconds; …' }
 */
export const parseFrequency = (text: string): Frequency => {
  const ms = lengthOf(text);
  if (ms === undefined) {
    return {
      ok: false,
      message: `"${text}" is not a frequency. Write for example "every 5 minutes", "every hour", "every half day" or "every week".`,
    };
  }
  if (ms < frequencyMinMs)
    return { ok: false, message: `"${text}" is ${spell(ms)}; a sync runs at most every 30 seconds. Write "every 30 seconds" or longer.` };
  if (ms > frequencyMaxMs)
    return { ok: false, message: `"${text}" is ${spell(ms)}; a sync runs at least every 31 days. Write "every month" or shorter.` };
  return { ok: true, ms, normalised: `every ${spell(ms)}` };
};

const lengthOf = (text: string): number | undefined => {
  const phrase = text
    .trim()
    .toLowerCase()
    .replace(/^every\s+/, '');
  const named = phrases.get(phrase);
  if (named !== undefined) return named;
  // Longer than any sensible spelling; it also bounds the work of the expression below.
  if (phrase.length > 40) return undefined;
  const match = /^(-?\d*\.?\d+)?\s*([a-z]+)?$/.exec(phrase);
  if (!match) return undefined;
  const [, count, unit] = match;
  if (count === undefined && unit === undefined) return undefined;
  const unitMs = unit === undefined ? 1 : units.get(unit);
  return unitMs === undefined ? undefined : Number(count ?? '1') * unitMs;
};

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Maps, not objects: `constructor` is no unit. */
const phrases: ReadonlyMap<string, number> = new Map([
  ['half day', 12 * hour],
  ['half hour', 30 * minute],
  ['quarter hour', 15 * minute],
  ['month', 30 * day],
]);

const spellings = (unitMs: number, words: string): [string, number][] => words.split(' ').map((word) => [word, unitMs]);

const units: ReadonlyMap<string, number> = new Map([
  ...spellings(1, 'ms msec msecs millisecond milliseconds'),
  ...spellings(second, 's sec secs second seconds'),
  ...spellings(minute, 'm min mins minute minutes'),
  ...spellings(hour, 'h hr hrs hour hours'),
  ...spellings(day, 'd day days'),
  ...spellings(7 * day, 'w week weeks'),
  ...spellings(365.25 * day, 'y yr yrs year years'),
]);

const spell = (ms: number): string => {
  const [size, name] = (
    [
      [day, 'day'],
      [hour, 'hour'],
      [minute, 'minute'],
      [second, 'second'],
    ] as const
  ).find(([unit]) => ms !== 0 && ms % unit === 0) ?? [1, 'millisecond'];
  const count = ms / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
};
