/** Moments of a run: a time that a function takes from its clock differs by how long it took to get there, and that is no difference. Pure. */
const moment =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|(?<![\d.])\d{13}(?![\d.])|(?<![\d.])\d{10}(?![\d.])/g;

const readMs = (text: string): number => (/^\d+$/.test(text) ? Number(text) * (text.length === 10 ? 1000 : 1) : Date.parse(text));

/** Whether two texts differ in nothing but times that lie as close as the run was long. */
export function isMomentApart(one: string, other: string, toleranceMs: number): boolean {
  if (one === other) return true;
  // Of an address: colons are encoded there.
  const [before, after] = [one.replaceAll('%3A', ':'), other.replaceAll('%3A', ':')];
  const [old, now] = [before.match(moment) ?? [], after.match(moment) ?? []];
  if (old.length === 0 || old.length !== now.length) return false;
  if (before.replace(moment, '?') !== after.replace(moment, '?')) return false;
  return old.every((text, index) => Math.abs(readMs(text) - readMs(now[index] ?? '')) <= toleranceMs);
}
