/** What a run left: of each model the records as they were written last, and the checkpoint. Made of the captured calls as of those of a replay. */
import type { CallParams } from '@bowline/api/calls';
import type { CapturedCall } from '@bowline/api/captures';
import { recordsOf } from '../local/calls.ts';
import { bytesOf } from './tape.ts';

export type Fields = Record<string, unknown>;
export type Written = { as: 'saved'; record: Fields } | { as: 'changed'; record: Fields } | { as: 'deleted' };
export type Checkpoint = Record<string, string | number | boolean> | null;
export type Outcome = {
  models: Map<string, Map<string, Written>>;
  checkpoint: Checkpoint;
  /** Of full crawls, by model: what the platform found gone. */
  crawled: Map<string, string[]>;
  /** Records whose content was too large to be kept. */
  unknown: number;
};

export const emptyOutcome = (checkpoint: Checkpoint): Outcome => ({ models: new Map(), checkpoint, crawled: new Map(), unknown: 0 });

type Writing = 'records.save' | 'records.update' | 'records.delete';
type Write = { method: Writing; params: CallParams<Writing>; body: Buffer };

/** @returns how many of them the run had not written before */
export function write({ models }: Outcome, { method, params, body }: Write): { added: number; updated: number } {
  const records = models.get(params.model) ?? new Map<string, Written>();
  models.set(params.model, records);
  const before = records.size;
  if (method === 'records.delete') for (const id of params.ids) records.set(id, { as: 'deleted' });
  else {
    const given = recordsOf(params, body);
    const seen = new Set<string>();
    for (const [index, id] of params.ids.entries()) {
      // As the server does: of two records of one id in a batch the first counts.
      if (seen.has(id)) continue;
      seen.add(id);
      records.set(id, written(method, records.get(id), given[index] ?? {}));
    }
  }
  const added = records.size - before;
  return { added, updated: params.ids.length - added };
}

function written(method: Writing, old: Written | undefined, record: Fields): Written {
  if (method === 'records.save') return { as: 'saved', record };
  if (old === undefined || old.as === 'deleted') return { as: 'changed', record };
  return { as: old.as, record: merged(old.record, record) };
}

function merged(old: Fields, patch: Fields): Fields {
  const result = { ...old };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    result[key] = isFields(before) && isFields(value) ? merged(before, value) : value;
  }
  return result;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export function isWrite(method: string): method is Writing {
  return method === 'records.save' || method === 'records.update' || method === 'records.delete';
}

export const isCrawlEnd = (method: string): boolean => method === 'records.trackDeletesEnd' || method === 'records.deletePrevious';

/** Of the captured run: calls that failed wrote nothing. */
export function outcomeOf(calls: readonly CapturedCall[], checkpoint: Checkpoint): Outcome {
  const outcome = emptyOutcome(checkpoint);
  for (const { method, params, body, answer } of calls) {
    if (!answer) continue;
    if (isWrite(method)) {
      const given = params as CallParams<Writing>; // parsed by the platform when it was made
      if (body !== null && body.text === null) outcome.unknown += given.ids.length;
      else write(outcome, { method, params: given, body: bytesOf(body) });
    } else if (method === 'checkpoint.save')
      outcome.checkpoint = (params as CallParams<'checkpoint.save'>).checkpoint; // as above
    else if (method === 'checkpoint.clear') outcome.checkpoint = null;
    else if (isCrawlEnd(method)) outcome.crawled.set(String(params.model), deletedOf(answer.value));
  }
  return outcome;
}

export const deletedOf = (value: unknown): string[] => {
  const { deletedKeys } = Object(value);
  return Array.isArray(deletedKeys) ? deletedKeys.map(String) : [];
};
