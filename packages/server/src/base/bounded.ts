/**
 * How a cache is bounded that may hold very many: with `max`, lru-cache makes room for all of them at once, which for 100,000 is about 20 ms and 3 MB
 * before the first is there. So each counts as one of a sum.
 */
export const bounded = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 });
