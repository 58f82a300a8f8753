/** The records of a dry run: counted, and as many of them kept as a person wants to see. Reading goes to the records that are really there. */
import type { JsonObject } from '@bowline/api/fields';
import type { RunContext } from '../runs/context.ts';
import type { HostCalls } from '../runs/host-calls.ts';
import { checkModel, linesOf, patchOf } from '../runs/host-records.ts';

type Kept = { records: Map<string, unknown>; deleted: Set<string>; added: number; updated: number };
export type KeptRecords = { readonly calls: Partial<HostCalls>; result(): JsonObject };

/** As much as an action may return. */
const BYTES_MAX = 2 * 1024 * 1024;
const TOO_MUCH = Symbol('counted, not kept');

export function keepRecords(note: (message: string) => void): KeptRecords {
  const models = new Map<string, Kept>();
  let bytes = 0;
  const kept = (context: RunContext, model: string): Kept => {
    checkModel(context, model);
    const known = models.get(model) ?? { records: new Map(), deleted: new Set(), added: 0, updated: 0 };
    models.set(model, known);
    return known;
  };
  /** `change` makes the new record of the old one, where it was saved in this run. */
  const keep = (into: Kept, ids: readonly string[], lines: readonly Buffer[], change: (line: Buffer, old: unknown) => unknown) => {
    const before = { ...into };
    for (const [index, id] of ids.entries()) {
      const line = lines[index] ?? Buffer.of();
      const isKnown = into.records.has(id);
      into[isKnown ? 'updated' : 'added'] += 1;
      into.deleted.delete(id);
      const fits = bytes + line.length <= BYTES_MAX;
      if (fits) bytes += line.length;
      into.records.set(id, fits ? change(line, into.records.get(id)) : TOO_MUCH);
    }
    return { value: { added: into.added - before.added, updated: into.updated - before.updated, deleted: 0, unchanged: 0 } };
  };
  const crawled = async (context: RunContext, { model }: { model: string }) => {
    kept(context, model);
    note(`${model}: a full crawl finds no deletions in a dry run`);
    return { value: { deletedKeys: [] } };
  };
  const calls: Partial<HostCalls> = {
    'records.save': async (context, { model, ids }, body) => {
      note(`${model}: ${ids.length} records would be saved`);
      return keep(kept(context, model), ids, linesOf(body, ids.length), (line) => JSON.parse(line.toString('utf8')));
    },
    'records.update': async (context, { model, ids }, body) => {
      note(`${model}: ${ids.length} records would be updated`);
      return keep(kept(context, model), ids, linesOf(body, ids.length), (line, old) => ({ ...Object(old), ...patchOf(line) }));
    },
    'records.delete': async (context, { model, ids }) => {
      const from = kept(context, model);
      for (const id of ids) {
        from.records.delete(id);
        from.deleted.add(id);
      }
      note(`${model}: ${ids.length} records would be deleted`);
      return { value: { added: 0, updated: 0, deleted: ids.length, unchanged: 0 } };
    },
    'records.met': async () => ({}),
    'records.trackDeletesStart': async (context, { model }) => {
      kept(context, model);
      return {};
    },
    'records.trackDeletesEnd': crawled,
    'records.deletePrevious': crawled,
    'records.mergingStrategy': async () => ({}),
  };
  return { calls, result: () => Object.fromEntries([...models].map(([model, one]) => [model, wireKept(one)])) };
}

function wireKept({ records, deleted, added, updated }: Kept): JsonObject {
  const shown = [...records.values()].filter((record) => record !== TOO_MUCH);
  const omitted = records.size - shown.length;
  const more = omitted > 0 ? { records_omitted: omitted } : {};
  return { added, updated, deleted: deleted.size, records: shown, deleted_ids: [...deleted], ...more };
}
