/** Limits on how many runs of syncs there are at once, as settings have them: a number of runs, or a part of all that the processes take. */
type Limit = { readonly percent: number; readonly runs?: undefined } | { readonly percent?: undefined; readonly runs: number };
export type ConcurrencyLimits = { readonly [kind in 'environment' | 'integration' | 'connection' | 'backfill']: Limit };

const kinds = ['environment', 'integration', 'connection', 'backfill'] as const;
/** A quarter is left to whoever comes while one environment, or first runs that take hours, would fill everything. */
const usual: ConcurrencyLimits = {
  environment: { percent: 75 },
  integration: { percent: 75 },
  connection: { percent: 25 },
  backfill: { percent: 75 },
};

/** @returns undefined when it is not such a list */
export function parseConcurrency(text: string): ConcurrencyLimits | undefined {
  const limits: Record<(typeof kinds)[number], Limit> = { ...usual };
  for (const part of text.split(',').flatMap((one) => one.trim() || [])) {
    const [, name, amount, percent] = part.match(/^([a-z]+):\s*(\d{1,6})(%?)$/) ?? [];
    const kind = kinds.find((one) => one === name);
    const value = Number(amount);
    if (!kind || value < 1 || (percent && value > 100)) return undefined;
    limits[kind] = percent ? { percent: value } : { runs: value };
  }
  return limits;
}
