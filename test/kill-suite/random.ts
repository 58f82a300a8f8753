/** Chance from a seed, so that a run can be asked for again. What processes make of the time between them cannot. */
export type Random = ReturnType<typeof seeded>;

export function seeded(seed: number) {
  let state = seed;
  /** mulberry32: 0 ≤ x < 1 */
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    chance: (of: number): boolean => next() < of,
    pick: <T>(from: readonly T[]): T | undefined => from[below(from.length)],
    shuffled: <T>(given: readonly T[]): T[] => {
      const list = given.map((item) => ({ item, at: next() }));
      return list.sort((one, other) => one.at - other.at).map(({ item }) => item);
    },
  };
}
