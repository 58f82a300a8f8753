/** What a replay left against what the captured run left: records by field, checkpoint, output, error and lines. Pure. */
import type { RunError } from '@bowline/api/sandbox-message';
import { isStandIn } from '@bowline/compile/stand-ins';
import { createTwoFilesPatch } from 'diff';
import { isMomentApart } from './moments.ts';
import type { Fields, Outcome, Written } from './outcome.ts';
import type { Line } from './tape.ts';

/** `path` leads to it: `owner.name`. Undefined: it is not there. */
export type FieldChange = { path: string; before: unknown; after: unknown };
export type ModelDiff = {
  /** Written now and not then. */
  added: { id: string; record: Fields }[];
  updated: { id: string; fields: FieldChange[] }[];
  /** Written then and not now, or deleted now. */
  deleted: { id: string; record: Fields | null }[];
  unchanged: number;
};
export type Left = { outcome: Outcome; output: unknown; error: RunError | undefined; lines: readonly Line[] };
export type Diff = {
  models: Record<string, ModelDiff>;
  checkpoint: FieldChange[];
  output: FieldChange[];
  error: { before: Told | null; after: Told | null } | null;
  /** As `diff` writes it; empty when the lines are the same. */
  logs: string;
};
type Told = Pick<RunError, 'type' | 'message'> & { stack?: string[] | undefined };

/** @param toleranceMs times that lie no further apart are the same: the captured run's clock went on, the replay's stands */
export function compareRuns(before: Left, after: Left, toleranceMs: number): Diff {
  const names = [...new Set([...before.outcome.models.keys(), ...after.outcome.models.keys()])].sort();
  const fields = (a: unknown, b: unknown) => changes(a, b, toleranceMs);
  return {
    models: Object.fromEntries(
      names.map((name) => [name, compareModel(before.outcome.models.get(name) ?? none, after.outcome.models.get(name) ?? none, fields)]),
    ),
    checkpoint: fields(before.outcome.checkpoint, after.outcome.checkpoint),
    output: before.error || after.error ? [] : fields(before.output ?? null, after.output ?? null),
    error: compareErrors(before.error, after.error, toleranceMs),
    logs: compareLines(before.lines, after.lines, toleranceMs),
  };
}

export function isSame({ models, checkpoint, output, error, logs }: Diff): boolean {
  const changed = Object.values(models).some(({ added, updated, deleted }) => added.length + updated.length + deleted.length > 0);
  return !changed && checkpoint.length + output.length === 0 && error === null && logs === '';
}

const none: ReadonlyMap<string, Written> = new Map();

function compareModel(
  before: ReadonlyMap<string, Written>,
  after: ReadonlyMap<string, Written>,
  fields: (a: unknown, b: unknown) => FieldChange[],
): ModelDiff {
  const diff: ModelDiff = { added: [], updated: [], deleted: [], unchanged: 0 };
  for (const [id, now] of after) {
    const then = before.get(id);
    if (now.as === 'deleted') {
      if (then?.as === 'deleted') diff.unchanged += 1;
      else diff.deleted.push({ id, record: then?.record ?? null });
    } else if (then === undefined || then.as === 'deleted') diff.added.push({ id, record: now.record });
    else {
      const changed = fields(then.record, now.record);
      if (changed.length === 0) diff.unchanged += 1;
      else diff.updated.push({ id, fields: changed });
    }
  }
  // A deletion of then that is not made now leaves the record as it was before the run, of which a capture knows nothing.
  for (const [id, then] of before) if (!after.has(id)) diff.deleted.push({ id, record: then.as === 'deleted' ? null : then.record });
  return diff;
}

function changes(before: unknown, after: unknown, toleranceMs: number, path = ''): FieldChange[] {
  if (Object.is(before, after) || isStandIn(before)) return [];
  if (typeof before === 'object' && typeof after === 'object' && before && after && Array.isArray(before) === Array.isArray(after)) {
    const [a, b] = [Object(before), Object(after)];
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => changes(a[key], b[key], toleranceMs, path === '' ? key : `${path}.${key}`));
  }
  if (isScalar(before) && isScalar(after) && typeof before === typeof after && isMomentApart(String(before), String(after), toleranceMs))
    return [];
  return [{ path, before, after }];
}

const isScalar = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

function compareErrors(before: RunError | undefined, after: RunError | undefined, toleranceMs: number): Diff['error'] {
  if (!before && !after) return null;
  const isAlike = before && after && before.type === after.type && isMomentApart(before.message, after.message, toleranceMs);
  return isAlike ? null : { before: told(before), after: told(after) };
}

const told = (error: RunError | undefined): Told | null =>
  error ? { type: error.type, message: error.message, ...(error.stack ? { stack: error.stack } : {}) } : null;

function compareLines(before: readonly Line[], after: readonly Line[], toleranceMs: number): string {
  const texts = (lines: readonly Line[]) => lines.map(({ level, message }) => `${level} ${message}`);
  const [old, now] = [texts(before), texts(after)];
  // A line that differs by its moment alone is shown as it was.
  const shown = now.map((text, index) => (old[index] !== undefined && isMomentApart(old[index], text, toleranceMs) ? old[index] : text));
  if (old.join('\n') === shown.join('\n')) return '';
  const patch = createTwoFilesPatch('captured', 'replayed', `${old.join('\n')}\n`, `${shown.join('\n')}\n`, '', '', { context: 2 });
  return patch.split('\n').slice(1).join('\n').trimEnd();
}
