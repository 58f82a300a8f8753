/**
 * The record store alone, sealed, at growing sizes of one stream, as ratios to a binary COPY of the same sealed rows in the same run.
 * RECORDS=10000,100000,1000000,10000000 for the long run. DATABASE_URL: an empty database of a server to measure instead of the embedded one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Client } from 'pg';
import { pino } from 'pino';
import { canonical } from '../packages/server/src/base/canonical.ts';
import { only } from '../packages/server/src/base/database.ts';
import { startEmbedded } from '../packages/server/src/base/embedded.ts';
import { migrate } from '../packages/server/src/base/migrate.ts';
import { clientConfig, connectPostgres } from '../packages/server/src/base/postgres.ts';
import { createSchemaChecks } from '../packages/server/src/base/schema-checks.ts';
import { listRecords } from '../packages/server/src/records/list.ts';
import { saveRecords } from '../packages/server/src/records/save.ts';
import { openStream, type Stream } from '../packages/server/src/records/stream.ts';
import { startTracking } from '../packages/server/src/records/track-deletes.ts';
import { worldOf } from '../packages/server/test/records/stream.ts';
import { createTenant } from '../packages/server/test/records/tenant.ts';
import { COPY, CopyIn, copyOf, FLOOR } from './copy-in.ts';
import { sealed } from './floor.ts';
import { plot } from './plot.ts';
import { spentText, watch } from './processor-time.ts';
import { type Line, median, report } from './report.ts';
import { root } from './root.ts';

const SIZES = (process.env.RECORDS ?? '10000,100000').split(',').map(Number);
const CHUNK = 1_000;
/** So many are written to the floor, changed and listed at each size: the cost of one is asked, at that size of the stream. */
const PROBE = 50_000;
/** Written twice before anything is measured: the smallest size takes a quarter of a second, in which a process that has just begun still compiles. */
const WARM = 20_000;
const log = pino({ level: 'warn' });
const home = mkdtempSync(join(tmpdir(), 'bowline-bench-'));
const embedded = process.env.DATABASE_URL ? undefined : await startEmbedded({ home: join(home, 'home'), log });
const target = embedded?.target ?? process.env.DATABASE_URL ?? '';
const { pool, db } = connectPostgres(target, { max: 4, log });
const world = worldOf(db);

const idOf = (n: number, size: number) => `rec_${String((n * 7919) % size).padStart(8, '0')}`;
const lineOf = (id: string, version: number) =>
  Buffer.from(canonical({ id, version, name: `Name of ${id}`, text: 'lorem ipsum '.repeat(78).slice(0, 940) }));

/** As a deployment stores it. */
const text = { type: 'string' };
const properties = { id: text, version: { type: 'number' }, name: text, text: { type: 'string', maxLength: 2_000 } };
const definitions = JSON.stringify({
  Four: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
});
const schemaWorkerPath = () => join(root, 'packages/server/dist/schema-worker.js');
const schemaChecks = createSchemaChecks({ log, clock: { now: () => new Date() }, workerPath: schemaWorkerPath });

type Found = {
  /** Before the stream is filled, after that, and at the end: it takes a second or two, in which the machine may be at half or twice its usual speed. */
  copies: number[];
  added: number;
  unchanged: number;
  scattered: number;
  crawled: number;
  changed: number;
  listed: number;
  bytes: number;
};
const found = new Map<number, Found>();
const notes: string[] = [];
let held = Number.NaN;
try {
  await migrate(pool, { log });
  const { scope, connection } = await createTenant(db);
  let runId = 0;

  const write = async (
    stream: Stream,
    size: number,
    { count = size, versionOf = (_n: number): number => 1, placeOf = (n: number): number => n } = {},
  ) => {
    runId++;
    let ms = 0;
    for (let start = 0; start < count; start += CHUNK) {
      // Made outside of what is measured: a function makes its records in another process.
      const ids = Array.from({ length: Math.min(CHUNK, count - start) }, (_, n) => idOf(placeOf(start + n), size));
      const lines = ids.map((id, n) => lineOf(id, versionOf(start + n)));
      const began = performance.now();
      await saveRecords(world, scope, { stream, runId, ids, lines });
      ms += performance.now() - began;
    }
    return count / (ms / 1000);
  };
  const list = async (stream: Stream, count: number) => {
    const began = performance.now();
    let cursor: string | undefined;
    for (let read = 0; read < count; read += CHUNK) {
      const page = await listRecords(world, scope, { stream, cursor, limit: CHUNK });
      cursor = page.nextCursor ?? undefined;
    }
    return count / ((performance.now() - began) / 1000);
  };

  await copyInto(WARM, WARM);
  const warm = await openStream(db, scope, { connection, model: 'Warm' });
  for (let time = 0; time < 2; time++) await write(warm, WARM);

  for (const size of SIZES) {
    const probe = Math.min(PROBE, size);
    const stream = await openStream(db, scope, { connection, model: `Of${size}` });
    const before = await bytesOfRecords();
    const timed = async (what: string, count: number, work: () => Promise<number>) => {
      const spent = await watch({ pid: process.pid, database: target });
      const perSecond = await work();
      notes.push(spentText(`a record, ${what}, at ${size.toLocaleString('en-US')}`, spent(), count));
      return perSecond;
    };
    const copies = [await timed('COPY', probe, () => copyInto(probe, size))];
    const added = await timed('new', size, () => write(stream, size));
    copies.push(await copyInto(probe, size));
    const bytes = ((await bytesOfRecords()) - before) / size;
    const unchanged = await timed('unchanged', probe, () => write(stream, size, { count: probe }));
    const scattered = await timed('unchanged, in another order', probe, () =>
      write(stream, size, { count: probe, placeOf: (n) => (n * 104_729) % size }),
    );
    await startTracking({ db }, scope, { stream, runId });
    const crawled = await write(stream, size, { count: probe });
    const listed = await timed('listed', probe, () => list(stream, probe));
    const changed = await write(stream, size, { count: probe, versionOf: (n) => (n % 10 === 0 ? 2 : 1) });
    copies.push(await copyInto(probe, size));
    found.set(size, { copies, added, unchanged, scattered, crawled, changed, listed, bytes });
    console.error(`${size.toLocaleString('en-US')} records measured`);
  }
  held = await holdToSchema(SIZES[0] ?? CHUNK);
  tell();
} finally {
  await schemaChecks.close();
  await pool.end();
  await embedded?.stop();
  rmSync(home, { recursive: true, force: true });
}

function tell(): void {
  const lines = [...found].flatMap(([size, of]): Line[] => {
    const [at, floor] = [` at ${size.toLocaleString('en-US')}`, `COPY of the same sealed rows at ${size.toLocaleString('en-US')}`];
    const line = (what: string, value: number, goal?: number): Line => ({
      what: what + at,
      rounds: [value],
      unit: '/s',
      floor,
      ...(goal ? { goal: { atLeast: goal * median(of.copies) } } : {}),
    });
    return [
      { what: floor, rounds: of.copies, unit: '/s' },
      line('new', of.added, 0.45),
      line('unchanged', of.unchanged, 2),
      line('unchanged, in another order', of.scattered),
      line('unchanged, in a full crawl', of.crawled),
      line('10 % changed', of.changed),
      line('listed, 1,000 a page', of.listed),
    ];
  });
  const disk = [...found].map(([size, { bytes }]) => `${Math.round(bytes)} at ${size.toLocaleString('en-US')}`).join(', ');
  const [first = ''] = [...found.keys()].map((size) => `COPY of the same sealed rows at ${size.toLocaleString('en-US')}`);
  lines.push({ what: 'held to a schema, and nothing else', rounds: [held], unit: '/s', floor: first });
  report({
    name: 'records',
    title: 'The record store alone',
    lines,
    notes: [
      `Records of ${lineOf(idOf(1, 10), 1).length} bytes, ${embedded ? 'the embedded Postgres' : 'a server'} with its usual durability, one writer, 1,000 a call.`,
      'The floor is a binary COPY, made beforehand, of rows sealed as the store seals them, into a table like one of its partitions: hashing, sealing and looking up is what the ratio adds.',
      'Unchanged: in the order in which they were saved, and in one in which each is far from the one before.',
      `Disk, all indexes included, in bytes a record: ${disk}. Goal: 1,600.`,
      ...notes,
      '![records a second by the size of the stream](records.svg)',
    ],
  });
  const series = ([name, perSecond]: [string, (of: Found) => number]) => ({
    name,
    points: [...found].map(([x, of]) => ({ x, y: perSecond(of) })),
  });
  const shown: [string, (of: Found) => number][] = [
    ['COPY, the floor', ({ copies }) => median(copies)],
    ['new', ({ added }) => added],
    ['unchanged', ({ unchanged }) => unchanged],
    ['10 % changed', ({ changed }) => changed],
    ['listed', ({ listed }) => listed],
  ];
  plot({ name: 'records', title: 'Records a second, sealed', x: 'records in the stream', y: 'a second', series: shown.map(series) });
}

/** What a deployment that asks for it adds to each record, in another thread. */
async function holdToSchema(count: number): Promise<number> {
  const check = async (start: number) => {
    const rows = Array.from({ length: CHUNK }, (_, n) => lineOf(idOf(start + n, count), 1).toString());
    const asked = { key: 'bench', definitions, name: 'Four', usage: 'record', lines: Buffer.from(rows.join('\n')) } as const;
    const began = performance.now();
    const verdict = await schemaChecks.check(asked);
    if ('unusable' in verdict || verdict.wrong.length > 0) throw new Error(`not what was meant: ${JSON.stringify(verdict).slice(0, 500)}`);
    return performance.now() - began;
  };
  await check(0); // the thread is there
  let ms = 0;
  for (let start = 0; start < count; start += CHUNK) ms += await check(start);
  return count / (ms / 1000);
}

async function bytesOfRecords(): Promise<number> {
  const { bytes } = await only<{ bytes: number }>(
    db,
    sql`select sum(pg_total_relation_size(inhrelid))::bigint as bytes from pg_inherits where inhparent = 'records'::regclass`,
  );
  return bytes;
}

async function copyInto(count: number, size: number): Promise<number> {
  const client = new Client(clientConfig(target));
  await client.connect();
  try {
    await client.query('drop table if exists floor');
    await client.query(FLOOR);
    await client.query('checkpoint'); // with the server at rest
    let ms = 0;
    for (let start = 0; start < count; start += CHUNK) {
      const ids = Array.from({ length: CHUNK }, (_, n) => idOf(start + n, size));
      const data = copyOf(sealed({ ids, lines: ids.map((id) => lineOf(id, 1).toString()) }), start);
      const began = performance.now();
      await new Promise<void>((resolve, reject) => client.query(new CopyIn(COPY, data, (error) => (error ? reject(error) : resolve()))));
      ms += performance.now() - began;
    }
    return count / (ms / 1000);
  } finally {
    await client.query('drop table if exists floor');
    await client.end();
  }
}
