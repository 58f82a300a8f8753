/** Statements of the store on a large table, planned with statistics that are true, missing, older than the stream, or of another table altogether. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OUT_OF_ORDER } from '../../src/base/copy-out.ts';
import { many, run } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { approveHeld, listHeld } from '../../src/records/hold.ts';
import { pruneRecords } from '../../src/records/prune.ts';
import { endTracking, startTracking } from '../../src/records/track-deletes.ts';
import { updateRecords } from '../../src/records/update.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db, target } = await freshDatabase();
/** `settings`: with which it was sent. */
type Asked = { text: string; values: unknown[]; settings: string };
const asked: Asked[] = [];
const recorded = connectPostgres(target, { max: 4, log: pino({ level: 'silent' }) });
afterAll(() => recorded.pool.end());
recorded.pool.on('connect', (client) => {
  const query = client.query.bind(client);
  Object.assign(client, {
    query: (first: unknown, values: unknown, ...rest: unknown[]) => {
      const { text, settings } = partsOf(first);
      // What is copied in is planned by nobody.
      if (!/^(explain|copy)\b/.test(text) && /\brecords\b/.test(text))
        asked.push({ text, settings, values: Array.isArray(values) ? values : [] });
      return Reflect.apply(query, client, [first, values, ...rest]);
    },
  });
});

/** Of a COPY what it selects. */
function partsOf(first: unknown): { text: string; settings: string } {
  if (typeof first === 'string') return { text: first, settings: '' };
  const sent = typeof first === 'object' && first !== null && 'text' in first ? String(first.text) : '';
  const [, settings = '', text = sent] = /^(.*); copy \(([\s\S]*)\) to stdout/.exec(sent) ?? [];
  return { text, settings };
}

const OTHERS = 60_000;
const items = Array.from({ length: 1_500 }, (_, n) => ({ id: `r-${n}`, n }));
let s: TestStream;
let partition = '';

const analyze = () => run(db, sql`analyze records`);
/** One stream of many rows in each partition, so that each is large. */
const fill = (streamIds: number) =>
  run(
    db,
    sql`insert into records (stream_id, external_id, size, hash, seq, created_at, changed_at, content)
        select 1000000 + stream, 'r-' || n, 300, ''::bytea, n, now(), now(), decode(repeat('7b', 300), 'hex')
          from generate_series(1, ${streamIds}) stream, generate_series(1, ${OTHERS / streamIds}::int) n`,
  );

beforeAll(async () => {
  await run(
    db,
    sql`do $$ begin for part in 0..15 loop execute format('alter table records_%s set (autovacuum_enabled = off)', part); end loop; end $$`,
  );
  await fill(400);
  await analyze();
  // Younger than the statistics.
  s = await TestStream.open(db);
  s = new TestStream(recorded.db, s.tenant, s.stream, { ...s.world, db: recorded.db });
  const { stream, scope, world } = s;
  const guard = { percent: 1, records: 1 };
  await s.save(items, { runId: 1 });
  await s.save(
    [...items.slice(0, 999), { id: 'new' }].map((item) => ({ ...item, v: 2 })),
    { runId: 1 },
  );
  await updateRecords(world, scope, { stream, runId: 1, ids: ['r-1'], patches: [{ v: 3 }] });
  await deleteRecords(world, scope, { stream, runId: 1, ids: ['r-2', 'none'] });
  await startTracking(world, scope, { stream, runId: 2 });
  await s.save(items.slice(0, 700), { runId: 2 });
  await endTracking(world, scope, { stream, runId: 2, guard });
  await listHeld(recorded.db, scope, [s.tenant.connection]);
  await approveHeld(world, scope, stream);
  const { records } = await s.list({ limit: 500 });
  await s.list({ cursor: records[400]?._nango_metadata.cursor, limit: 100, filter: ['updated', 'added'] });
  await s.list({ modifiedAfter: new Date(Date.now() - 60_000) });
  await s.list({ ids: items.slice(0, 100).map(({ id }) => id) });
  await pruneRecords(world, scope, stream, { untilCursor: records[100]?._nango_metadata.cursor ?? '', limit: 50 });
  const [found] = await many<{ name: string }>(
    db,
    sql`select distinct tableoid::regclass::text as name from records where stream_id = ${stream.id}`,
  );
  partition = found?.name ?? '';
});

type Node = { readonly [key: string]: unknown; readonly Plans?: readonly Node[] };
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

async function plansOf({ text, values, settings }: Asked): Promise<Node[]> {
  const client = await recorded.pool.connect();
  try {
    await client.query(`begin; ${settings}`);
    if (/\bmet as materialized\b/.test(text)) await client.query('set local enable_seqscan = off'); // as `endTracking` does
    if (/\bahead as materialized\b/.test(text)) for (const setting of OUT_OF_ORDER) await client.query(`set local ${setting} = off`); // as `glanceAt` does
    const { rows } = await client.query(`explain (format json) ${text}`, values);
    return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const statistics: [string, () => Promise<unknown>][] = [
  ['older than the stream', async () => {}],
  ['true', analyze],
  [
    'of a table in which this stream was everything',
    async () => {
      await run(
        db,
        sql`update records set stream_id = ${s.stream.id}, external_id = stream_id || external_id, seq = stream_id::bigint * 100000 + seq where tableoid = ${partition}::regclass and stream_id <> ${s.stream.id}`,
      );
      await analyze();
      await run(db, sql`delete from records where stream_id = ${s.stream.id} and external_id like '1000%'`);
      await fill(300).catch(() => undefined);
    },
  ],
  [
    'missing',
    async () => {
      await run(
        db,
        sql`delete from pg_statistic where starelid in (select inhrelid from pg_inherits where inhparent = 'records'::regclass)`,
      );
      await run(
        db,
        sql`update pg_class set reltuples = -1, relpages = 0 where oid in (select inhrelid from pg_inherits where inhparent = 'records'::regclass)`,
      );
    },
  ],
];

test('every kind of statement was asked', () => {
  for (const part of [
    'insert into',
    'on conflict',
    'ahead as materialized',
    'json_build_object',
    'met as materialized',
    'held_records',
    'pruned_at is null',
    'recursive',
    'order by seq limit',
    'any(',
  ])
    expect(
      asked.some(({ text }) => text.includes(part)),
      part,
    ).toBe(true);
});

test.for(statistics)('with statistics that are %s no statement scans, and each look-up by id has the index of ids', async ([, prepare]) => {
  await prepare();
  for (const statement of asked) {
    for (const node of await plansOf(statement)) {
      const relation = String(node['Relation Name'] ?? '');
      if (!/^records/.test(relation) || node['Node Type'] === 'ModifyTable') continue;
      expect(`${node['Node Type']} of ${relation}: ${statement.text}`).not.toMatch(/^Seq Scan/);
      // Of many streams at once Postgres tells each one's partition while it runs.
      if (!statement.text.includes('h.stream_id = s.id')) expect([relation, statement.text]).toEqual([partition, statement.text]);
      const condition = String(node['Index Cond'] ?? '');
      if (String(node.Filter ?? '').includes('external_id ='))
        expect.fail(`ids are filtered, not looked up: ${JSON.stringify(node)} ${statement.text}`);
      // The end of a crawl alone reads a stream whole.
      if (condition.startsWith('(stream_id = ') && !condition.includes('external_id') && !statement.text.includes('met as materialized'))
        expect.fail(`the whole stream is read: ${JSON.stringify(node)} ${statement.text}`);
      if (condition.includes('seq >= ')) expect([node['Node Type'], node['Index Name']]).toEqual(['Index Scan', `${relation}_seq`]);
      if (condition.includes('external_id')) expect(node['Index Name']).toBe(`${relation}_pkey`);
    }
  }
});
