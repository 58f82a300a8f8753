/** Whether a run is captured. Asked before each run, so what an environment wants is kept in memory for five seconds: without rules that is all it costs. */
import { createHash } from 'node:crypto';
import type { CaptureRule, CaptureSettings } from '@bowline/api/captures';
import type { World } from '../base/world.ts';

const KEPT_MS = 5_000;
type Known = { readonly until: number; readonly settings: Promise<CaptureSettings> };
/** By the database, so that two Worlds of one process do not meet. */
const known = new WeakMap<object, Map<number, Known>>();

/** `all`: whatever becomes of it. `failures`: only when it fails. */
export type Wanted = { readonly mode: 'all' | 'failures'; readonly keepDays: number };
type Run = { readonly environmentId: number; readonly runId: number; readonly integration: string; readonly function: string };

export async function wantsCapture(
  world: Pick<World, 'db' | 'clock'>,
  run: Run,
  read: (environmentId: number) => Promise<CaptureSettings>,
): Promise<Wanted | undefined> {
  const { rules, keep_days } = await settingsOf(world, run.environmentId, read);
  const rule = rules.length === 0 ? undefined : fittingRule(rules, run);
  if (!rule || rule.mode === 'off') return undefined;
  if (rule.mode === 'sample' && !isDrawn(run.runId, rule.one_in)) return undefined;
  return { mode: rule.mode === 'failures' ? 'failures' : 'all', keepDays: keep_days };
}

function settingsOf({ db, clock }: Pick<World, 'db' | 'clock'>, environmentId: number, read: (id: number) => Promise<CaptureSettings>) {
  const ofDatabase = known.get(db) ?? new Map<number, Known>();
  known.set(db, ofDatabase);
  const now = clock.now().getTime();
  const seen = ofDatabase.get(environmentId);
  if (seen && seen.until > now) return seen.settings;
  const settings = read(environmentId);
  ofDatabase.set(environmentId, { until: now + KEPT_MS, settings });
  settings.catch(() => ofDatabase.delete(environmentId));
  return settings;
}

export function forgetWanted({ db }: Pick<World, 'db'>, environmentId: number): void {
  known.get(db)?.delete(environmentId);
}

/** Pure. The one that names most; of two that name as much, the first. */
export function fittingRule(rules: readonly CaptureRule[], run: Pick<Run, 'integration' | 'function'>): CaptureRule | undefined {
  const weightOf = (rule: CaptureRule) => (rule.function === null ? 0 : 2) + (rule.integration === null ? 0 : 1);
  return rules
    .filter((rule) => (rule.integration ?? run.integration) === run.integration && (rule.function ?? run.function) === run.function)
    .toSorted((a, b) => weightOf(b) - weightOf(a))[0];
}

/** By a hash of its number: each attempt at a run is drawn alike, and syncs that take turns are not drawn always or never. */
export function isDrawn(runId: number, oneIn: number): boolean {
  return createHash('sha256').update(String(runId)).digest().readUInt32BE(0) % oneIn === 0;
}
