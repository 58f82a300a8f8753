/**
 * How fast records are saved and listed, as ratios to COPY into the same table in the same run: absolutes differ by 30 % from run to run here.
 * Embedded Postgres with its usual durability, 1 KB records, client and server on the same machine. RECORDS=20000 for a shorter run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { canonical } from '../packages/server/src/base/canonical.ts';
import { startEmbedded } from '../packages/server/src/base/embedded.ts';
import { migrate } from '../packages/server/src/base/migrate.ts';
import { connectPostgres } from '../packages/server/src/base/postgres.ts';
import { createSchemaChecks } from '../packages/server/src/base/schema-checks.ts';
import { listRecords, pageBytes } from '../packages/server/src/records/list.ts';
import { saveRecords } from '../packages/server/src/records/save.ts';
import { openStream, type Stream } from '../packages/server/src/records/stream.ts';
import { startTracking } from '../packages/server/src/records/track-deletes.ts';
import { worldOf } from '../packages/server/test/records/stream.ts';
import { createTenant } from '../packages/server/test/records/tenant.ts';
import { measureCopy } from './floor.ts';
import { root } from './root.ts';

const COUNT = Number(process.env.RECORDS ?? 50_000);
const CHUNK = 1_000;
const log = pino({ level: 'warn' });
const schemaWorkerPath = () => join(root, 'packages/server/dist/schema-worker.js');
const home = mkdtempSync(join(tmpdir(), 'bowline-bench-'));
// DATABASE_URL: an empty database of a server to measure instead.
const embedded = process.env.DATABASE_URL ? undefined : await startEmbedded({ home: join(home, 'home'), log });
const target = embedded?.target ?? process.env.DATABASE_URL ?? '';
const { pool, db } = connectPostgres(target, { max: 4, log });

const ids = Array.from({ length: COUNT }, (_, n) => `rec_${String((n * 7919) % COUNT).padStart(8, '0')}`);
const line = (id: string, version: number) =>
  canonical({ id, version, name: `Name of ${id}`, text: 'lorem ipsum '.repeat(78).slice(0, 940) });
const lines = ids.map((id) => line(id, 1));

/** As a deployment stores it. */
const text = { type: 'string' };
const properties = { id: text, version: { type: 'number' }, name: text, text: { type: 'string', maxLength: 2_000 } };
const definitions = JSON.stringify({
  Four: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
});
const schemaChecks = createSchemaChecks({ log, clock: { now: () => new Date() }, workerPath: schemaWorkerPath });

try {
  await migrate(pool, { log });
  const world = worldOf(db);
  const { scope, connection } = await createTenant(db);
  const open = (model: string) => openStream(db, scope, { connection, model });
  let runId = 0;
  const saveAll = async (stream: Stream, content: readonly string[]) => {
    runId++;
    for (let start = 0; start < COUNT; start += CHUNK) {
      await saveRecords(world, scope, { stream, runId, ids: ids.slice(start, start + CHUNK), lines: content.slice(start, start + CHUNK) });
    }
  };
  const copy = await measureCopy(target, { ids, lines });
  const report = (name: string, perSecond: number, goal?: number) =>
    console.log(
      `${name.padEnd(46)} ${thousands(perSecond)} records/s   ${(perSecond / copy).toFixed(2)} x COPY${goal ? `   goal ${goal}` : ''}`,
    );
  report('COPY into the same table (the floor)', copy);

  const one = await open('One');
  report('new, one writer', await rate(() => saveAll(one, lines)), 0.45);
  report('unchanged', await rate(() => saveAll(one, lines)), 2);
  await startTracking({ db }, scope, { stream: one, runId });
  report('unchanged, in a full crawl', await rate(() => saveAll(one, lines)));
  const tenth = lines.map((text, n) => (n % 10 === 0 ? line(ids[n] ?? '', 2) : text));
  report('10 % changed', await rate(() => saveAll(one, tenth)));
  const [two, three] = [await open('Two'), await open('Three')];
  report('new, two writers', 2 * (await rate(() => Promise.all([saveAll(two, lines), saveAll(three, lines)]))));

  const bodies = bodiesOf(lines);
  const checkAll = async (more: (start: number) => Promise<unknown>) => {
    for (const [nr, body] of bodies.entries()) {
      const verdict = await schemaChecks.check({ key: 'bench', definitions, name: 'Four', usage: 'record', lines: body });
      if ('unusable' in verdict || verdict.wrong.length > 0)
        throw new Error(`not what was meant: ${JSON.stringify(verdict).slice(0, 500)}`);
      await more(nr * CHUNK);
    }
  };
  await schemaChecks.check({ key: 'bench', definitions, name: 'Four', usage: 'record', lines: bodies[0] ?? Buffer.alloc(0) }); // the thread is there
  report('held to a schema, and nothing else', await rate(() => checkAll(async () => {})));
  const four = await open('Four');
  const saveChecked = () => {
    runId++;
    return checkAll((start) =>
      saveRecords(world, scope, { stream: four, runId, ids: ids.slice(start, start + CHUNK), lines: lines.slice(start, start + CHUNK) }),
    );
  };
  report('new, one writer, held to a schema', await rate(saveChecked));
  report('unchanged, held to a schema', await rate(saveChecked));

  const times: number[] = [];
  const listed = await rate(async () => {
    let cursor: string | undefined;
    do {
      const start = performance.now();
      const page = await listRecords(world, scope, { stream: one, cursor, limit: 1_000 });
      pageBytes(page);
      times.push(performance.now() - start);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
  });
  times.sort((a, b) => a - b);
  report('list, 1,000 a page', listed);
  console.log(`${''.padEnd(46)} p50 ${at(times, 0.5)} ms   p99 ${at(times, 0.99)} ms a page   goal p50 5 ms`);
} finally {
  await schemaChecks.close();
  await pool.end();
  await embedded?.stop();
  rmSync(home, { recursive: true, force: true });
}

function bodiesOf(all: readonly string[]): Buffer[] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, nr) => Buffer.from(all.slice(nr * CHUNK, (nr + 1) * CHUNK).join('\n')));
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  await sql`checkpoint`.execute(db); // each starts with the server at rest
  const start = performance.now();
  await work();
  return COUNT / ((performance.now() - start) / 1000);
}

function at(sorted: readonly number[], part: number): string {
  return (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1);
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US').padStart(9);
}
