/** The history of records on the whole platform: as they were at a moment or a cursor, whoever changed them, and never more than is kept. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { emptyStream } from '../../src/records/empty.ts';
import { approveHeld } from '../../src/records/hold.ts';
import { saveRecords } from '../../src/records/save.ts';
import { openStream, type Stream } from '../../src/records/stream.ts';
import { endTracking, startTracking } from '../../src/records/track-deletes.ts';
import { updateRecords } from '../../src/records/update.ts';
import { sweepVersions } from '../../src/records/versions.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let stream: Stream;
let runId = 0;
const headers = () => ({ authorization: `Bearer ${platform.apiKey}`, 'connection-id': 'c-1', 'provider-config-key': 'key' });
const guard = { percent: null, records: 0 };

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
});

const turnOn = async (keep_days = 30, model = 'Item') => {
  const { status } = await platform.call('PUT', '/records/history-settings', { models: [{ model, keep_days }] });
  expect(status).toBe(200);
};
let count = 0;
/** A model of its own, with or without a history from the start. */
async function fresh(isOn: boolean): Promise<string> {
  const model = `Item${++count}`;
  if (isOn) await turnOn(30, model);
  const scope = await platform.scopeOf('dev');
  const { body } = await platform.call('GET', '/connections/c-1?provider_config_key=key');
  stream = await openStream(platform.world.db, scope, { connection: body.id, model });
  runId = 1;
  return model;
}
const save = async (...records: { id: string; [key: string]: unknown }[]) =>
  saveRecords(platform.world, await platform.scopeOf('dev'), {
    stream,
    runId,
    ids: records.map(({ id }) => id),
    lines: records.map((record) => Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(record).sort())))),
  });
const moment = async (): Promise<string> => {
  const [row] = await many<{ at: string }>(
    platform.world.db,
    sql`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
  );
  return row?.at ?? '';
};
const read = async (path: string): Promise<Json> => {
  const answer = await platform.call('GET', path, undefined, headers());
  return answer.status === 200 ? answer.body : answer;
};
const asOf = async (model: string, at: string): Promise<Record<string, Json>> => {
  const { records } = await read(`/records?model=${model}&as_of=${encodeURIComponent(at)}`);
  return Object.fromEntries(records.map(({ _nango_metadata: _, id, ...rest }: Json) => [id, rest]));
};

test('records are read as they were, whatever changed them since: a save, an update, a deletion, a crawl, an approval', async () => {
  const model = await fresh(true);
  const scope = await platform.scopeOf('dev');
  await save({ id: 'a', v: 1 }, { id: 'b', v: 1 }, { id: 'c', v: 1 }, { id: 'd', v: 1 });
  const states: [string, Record<string, Json>][] = [];
  const now: Record<string, Json> = { a: { v: 1 }, b: { v: 1 }, c: { v: 1 }, d: { v: 1 } };
  const note = async () => void states.push([await moment(), structuredClone(now)]);
  await note();
  await save({ id: 'a', v: 2 }, { id: 'b', v: 1 });
  now.a = { v: 2 };
  await note();
  await updateRecords(platform.world, scope, { stream, runId, ids: ['b'], patches: [{ w: 3 }] });
  now.b = { v: 1, w: 3 };
  await note();
  await deleteRecords(platform.world, scope, { stream, runId, ids: ['c', 'never'] });
  delete now.c;
  await note();
  runId = 2;
  await startTracking(platform.world, scope, { stream, runId });
  await save({ id: 'a', v: 2 }, { id: 'b', v: 5 });
  now.b = { v: 5 };
  await endTracking(platform.world, scope, { stream, runId, guard });
  delete now.d;
  await note();
  await save({ id: 'c', v: 9 });
  now.c = { v: 9 };
  await note();
  runId = 3;
  await startTracking(platform.world, scope, { stream, runId });
  await endTracking(platform.world, scope, { stream, runId, guard: { percent: 1, records: 1 } });
  await approveHeld(platform.world, scope, stream);
  for (const id of Object.keys(now)) delete now[id];
  await note();
  for (const [at, state] of states) expect([at, await asOf(model, at)]).toEqual([at, state]);
  // Each version once, newest first, in one table or the other.
  const { records } = await read(`/records/history?model=${model}&id=c`);
  expect(records.map((record: Json) => [record.v, record._nango_metadata.last_action])).toEqual([
    [9, 'DELETED'],
    [9, 'ADDED'],
    [1, 'DELETED'],
    [1, 'ADDED'],
  ]);
});

test('as of a cursor is what a reader had seen up to there, in pages', async () => {
  const model = await fresh(true);
  await save(...Array.from({ length: 5 }, (_, n) => ({ id: `r${n}`, v: 1 })));
  const { records } = await read(`/records?model=${model}`);
  const cursor = records.at(-1)._nango_metadata.cursor;
  await save(...Array.from({ length: 7 }, (_, n) => ({ id: `r${n}`, v: 2 })));
  const seen: Json[] = [];
  for (let next = ''; ; ) {
    const page = await read(`/records?model=${model}&as_of=${encodeURIComponent(cursor)}&limit=2${next}`);
    seen.push(...page.records);
    if (page.next_cursor === null) break;
    next = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  expect(seen.map(({ id, v }) => [id, v])).toEqual([0, 1, 2, 3, 4].map((n) => [`r${n}`, 1]));
  const versions = await read(`/records/history?model=${model}&id=r0&limit=1`);
  const older = await read(`/records/history?model=${model}&id=r0&limit=1&cursor=${encodeURIComponent(versions.next_cursor)}`);
  expect([versions.records[0].v, older.records[0].v, older.next_cursor]).toEqual([2, 1, null]);
});

test('a history begins with the records that are there, and what was before is refused, not guessed', async () => {
  const model = await fresh(false);
  await save({ id: 'a', v: 1 }, { id: 'b', v: 1 });
  const before = await moment();
  const { records } = await read(`/records?model=${model}`);
  const early = records[0]._nango_metadata.cursor;
  await save({ id: 'a', v: 2 });
  expect(await read(`/records?model=${model}&as_of=${before}`)).toMatchObject({
    status: 400,
    body: { error: { code: 'history_not_kept', message: expect.stringContaining('has no history') } },
  });
  expect(await many(platform.world.db, sql`select 1 from record_versions where stream_id = ${stream.id}`)).toEqual([]);
  await turnOn(30, model);
  const after = await moment();
  await save({ id: 'a', v: 3 }, { id: 'b', v: 2 });
  expect(await asOf(model, after)).toEqual({ a: { v: 2 }, b: { v: 1 } });
  for (const at of [before, early])
    expect(await read(`/records?model=${model}&as_of=${encodeURIComponent(at)}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'history_not_kept', message: expect.stringContaining('goes back to') } },
    });
});

test('versions go with their time, with an emptied cache and when the model is no longer named', async () => {
  const model = await fresh(true);
  const scope = await platform.scopeOf('dev');
  const left = async () => (await many(platform.world.db, sql`select 1 from record_versions where stream_id = ${stream.id}`)).length;
  await save({ id: 'a', v: 1 });
  await save({ id: 'a', v: 2 });
  await save({ id: 'a', v: 3 });
  expect(await left()).toBe(2);
  await run(
    platform.world.db,
    sql`update record_versions set replaced_at = now() - interval '40 days' where stream_id = ${stream.id} and rev = 1`,
  );
  await sweepVersions(platform.world.db);
  expect(await left()).toBe(1);
  await emptyStream(platform.world, scope, stream);
  expect(await left()).toBe(0);
  await save({ id: 'a', v: 1 });
  await save({ id: 'a', v: 2 });
  await platform.call('PUT', '/records/history-settings', { models: [] });
  await save({ id: 'a', v: 3 });
  expect(await left()).toBe(1);
  await sweepVersions(platform.world.db);
  expect(await left()).toBe(0);
  expect(model).toMatch(/^Item/);
});

test('writers that race leave no gap: of each record every number between first and last is in one table', async () => {
  const model = await fresh(true);
  const scope = await platform.scopeOf('dev');
  await save(...Array.from({ length: 20 }, (_, n) => ({ id: `r${n}`, v: 0 })));
  await Promise.all(
    Array.from({ length: 12 }, async (_, turn) => {
      if (turn % 4 === 3) return deleteRecords(platform.world, scope, { stream, runId, ids: [`r${turn}`, `r${turn + 1}`] });
      return save(...Array.from({ length: 20 }, (_, n) => ({ id: `r${n}`, v: turn + 1 })));
    }),
  );
  const rows = await many<{ id: string; versions: number; changes: number }>(
    platform.world.db,
    sql`select external_id as id, count(*)::int as versions, count(distinct seq)::int as changes from (
          select external_id, seq from records where stream_id = ${stream.id} union all select external_id, seq from record_versions where stream_id = ${stream.id}
        ) every_one group by 1`,
  );
  expect(rows).toHaveLength(20);
  for (const { versions, changes } of rows) expect(versions).toBe(changes);
  // Each version ends where the next begins.
  const gaps = await many(
    platform.world.db,
    sql`select 1 from (
          select external_id, replaced_at, lead(changed_at) over (partition by external_id order by seq) as next from (
            select external_id, seq, changed_at, replaced_at from record_versions where stream_id = ${stream.id}
            union all select external_id, seq, changed_at, null from records where stream_id = ${stream.id}) versions) pairs
         where replaced_at is not null and replaced_at is distinct from next`,
  );
  expect(gaps).toEqual([]);
  expect(model).toMatch(/^Item/);
});
