/** Records of a dry run: kept here and counted, and read from the server's cache as it is. */
import { isDeepStrictEqual } from 'node:util';
import type { CallParams, CallsOf } from '@bowline/api/calls';
import { type Answers, recordsOf, refused } from '../local/calls.ts';
import { relayed } from './server.ts';
import type { Setup } from './setup.ts';

type Params = CallParams<'records.save'>;
type RecordFields = Record<string, unknown>;

/** What would be stored of a model after the run. */
export type Kept = { records: Map<string, RecordFields>; deleted: Set<string>; added: number; updated: number; unchanged: number };

export function recordAnswers(setup: Setup, kept: Map<string, Kept>): Answers<CallsOf<'records'>> {
  const { done, models, kind, name } = setup;
  const of = (model: string): Kept => {
    if (kind !== 'sync' && kind !== 'webhook')
      throw refused('no_records', 'Only syncs have records; an action returns its output instead.');
    if (!models.includes(model)) throw refused('invalid_sync_record', `The sync "${name}" does not declare a model "${model}".`);
    const known = kept.get(model) ?? { records: new Map(), deleted: new Set(), added: 0, updated: 0, unchanged: 0 };
    kept.set(model, known);
    return known;
  };
  const note = (into: Record<string, unknown[]>, { model }: Params, records: RecordFields[]): void => {
    into[model] = [...(into[model] ?? []), ...records];
  };
  const crawled = ({ model }: { model: string }) => {
    of(model);
    setup.tell.note(`${model}: a full crawl finds no deletions in a dry run`);
    return { value: { deletedKeys: [] } };
  };
  return {
    'records.save': (params, body) => {
      const into = of(params.model);
      const records = recordsOf(params, body);
      note(done.batchSave, params, records);
      return { value: save(into, params, records, setup.tell.note) };
    },
    'records.update': (params, body) => {
      const { records } = of(params.model);
      const patches = recordsOf(params, body);
      note(done.batchUpdate, params, patches);
      for (const [index, id] of params.ids.entries()) records.set(id, { ...records.get(id), ...patches[index] });
      return { value: { added: 0, updated: params.ids.length, deleted: 0, unchanged: 0 } };
    },
    'records.delete': (params, body) => {
      const { records, deleted } = of(params.model);
      note(done.batchDelete, params, recordsOf(params, body));
      for (const id of params.ids) {
        records.delete(id);
        deleted.add(id);
      }
      return { value: { added: 0, updated: 0, deleted: params.ids.length, unchanged: 0 } };
    },
    'records.met': () => ({}),
    'records.trackDeletesStart': ({ model }) => {
      of(model);
      return {};
    },
    'records.trackDeletesEnd': crawled,
    'records.deletePrevious': crawled,
    'records.mergingStrategy': () => ({}),
    ...cacheAnswers(setup),
  };
}

/** As the server does: of two records of one id in a batch the first is saved and the second reported. */
function save(into: Kept, { model, ids }: Params, records: RecordFields[], tell: (message: string) => void) {
  const before = { ...into };
  const seen = new Set<string>();
  for (const [index, id] of ids.entries()) {
    if (seen.has(id)) {
      tell(`${model}: the id "${id}" came twice in one batch; the first record would be saved`);
      continue;
    }
    seen.add(id);
    const [old, record] = [into.records.get(id), records[index] ?? {}];
    into[old === undefined ? 'added' : isDeepStrictEqual(old, record) ? 'unchanged' : 'updated'] += 1;
    into.records.set(id, record);
    into.deleted.delete(id);
  }
  const since = (count: 'added' | 'updated' | 'unchanged') => into[count] - before[count];
  return { added: since('added'), updated: since('updated'), deleted: 0, unchanged: since('unchanged') };
}

function cacheAnswers({ server, own, variant, found }: Setup): Answers<'records.byIds' | 'records.list'> {
  const headers = { 'connection-id': own.connectionId, 'provider-config-key': own.providerConfigKey };
  const remember = (model: string, records: readonly { id: string }[]): Buffer => {
    found.records[model] ??= new Map();
    for (const record of records) found.records[model].set(record.id, record);
    return Buffer.from(JSON.stringify(records));
  };
  return {
    'records.byIds': async ({ model, ids }) => {
      const query = { model, variant, ids, filter: 'added,updated' };
      const { records } = await relayed(server, server.api.records.list({ headers, query }));
      return { value: null, body: remember(model, records) };
    },
    'records.list': async ({ model, cursor, limit }) => {
      const query = { model, variant, limit, ...(cursor === undefined ? {} : { cursor }) };
      const { records, next_cursor } = await relayed(server, server.api.records.list({ headers, query }));
      return { value: { nextCursor: next_cursor }, body: remember(model, records) };
    },
  };
}
