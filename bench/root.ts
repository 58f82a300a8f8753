/** Where the repository is: benchmarks run from a bundle elsewhere, so `import.meta.url` does not tell. Set by run.mjs. */
declare const BENCH_ROOT: string;

export const root = BENCH_ROOT;
