/**
 * The schedule: finding and claiming what is due among 1,000, 10,000 and 100,000 schedules, against a job of the queue that does nothing; and whole
 * runs of a function that does nothing, from the trigger to the end. SCHEDULES=1000,10000 for less (SCHEDULES= for none), RUNS=200 for fewer runs.
 * DATABASE_URL: an empty database of a server for runs that are triggered, instead of the embedded one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { parseConfig } from '../packages/server/src/base/config.ts';
import { type Database, run } from '../packages/server/src/base/database.ts';
import { startEmbedded } from '../packages/server/src/base/embedded.ts';
import { migrate } from '../packages/server/src/base/migrate.ts';
import { connectPostgres } from '../packages/server/src/base/postgres.ts';
import { enqueue } from '../packages/server/src/queue/enqueue.ts';
import { migrateQueue, startWorkers } from '../packages/server/src/queue/work.ts';
import { claimDue } from '../packages/server/src/syncs/claim.ts';
import { endOldest, seedSyncs } from '../packages/server/test/syncs/seed.ts';
import { deploy, makeFolder, type Platform, startPlatform } from './platform.ts';
import { plot, type Series } from './plot.ts';
import { spentText, watch } from './processor-time.ts';
import { type Line, median, report } from './report.ts';

const COUNTS = (process.env.SCHEDULES ?? '1000,10000,100000').split(',').filter(Boolean).map(Number);
const ENVIRONMENTS = Number(process.env.ENVIRONMENTS ?? 10);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const RUNS = Number(process.env.RUNS ?? 1000);
const SLOTS = 16;
const TURNS = 40;
const VARIANTS = 50;
/** Of one sync on one connection. */
const VARIANTS_MAX = 100;
const DUE_CONNECTIONS = 30;
/** What waits for its end to be stored has a slot no longer, but is claimed still: short runs take more than the usual 16. */
const DUE_SLOTS = 64;
const CONNECTIONS = 100;
const UNLIMITED = 'environment:100%,integration:100%,connection:100%,backfill:100%';
const empty = `const { createSync } = require('bowline');\nmodule.exports = { default: createSync({ exec: async () => {} }) };`;
const log = pino({ level: 'silent' });

const NO_OP = 'queue: a job that does nothing';
const shown = (n: number) => n.toLocaleString('en-US');
const notes: string[] = [];
const look: Series = { name: 'a look, nothing due', points: [] };
const full: Series = { name: 'a turn, all due', points: [] };
const lines: Line[] = [...(COUNTS.length > 0 ? await claims() : []), ...(await runs()), ...(await runsDue()), ...(await runsApart())];
report({
  name: 'schedule',
  title: 'Schedule',
  lines,
  notes: [
    `Claims: ${ENVIRONMENTS} environments, all due since an hour; a turn fills the ${SLOTS} slots and a quarter more, of which 8 were free.`,
    `Runs: a function that returns at once, ${VARIANTS} variants on one connection, each run triggered, queued, prepared, run in its sandbox and finished with its news.`,
    `All due: ${VARIANTS_MAX} variants on each of ${DUE_CONNECTIONS} connections, by the schedule alone, ${DUE_SLOTS} slots instead of 16. Of a connection of its own: ${CONNECTIONS} connections, asked for together.`,
    ...notes,
    ...(COUNTS.length > 0 ? ['![milliseconds of a look and of a turn by the number of schedules](schedule.svg)'] : []),
  ],
});
if (COUNTS.length > 0) plot({ name: 'schedule', title: 'Finding what is due', x: 'schedules', y: 'milliseconds', series: [look, full] });

/** In this process, on the embedded Postgres, beside nothing. */
async function claims(): Promise<Line[]> {
  const embedded = await startEmbedded({ home: `${makeFolder()}/home`, log, progress: () => {} });
  const { pool, db } = connectPostgres(embedded.target, { max: 20, log });
  try {
    await migrate(pool, { log });
    await migrateQueue({ pool, log });
    await run(db, sql`insert into accounts (name) values ('bench')`);
    const found: Line[] = [{ what: NO_OP, rounds: await rounds(() => noOps(pool, db)), unit: '/s' }];
    const world = { db, config: parseConfig({}) };
    for (const count of COUNTS) {
      await seed(db, count);
      const turn = await rounds(() => turns(db, () => claimDue(world, SLOTS)));
      const drain = await rounds(async () => {
        await dueAgain(db);
        return drained(db, world);
      });
      await run(db, sql`update syncs set next_run_at = now() + interval '1 day'`);
      await run(db, sql`vacuum analyze syncs`);
      const idle = await rounds(() => turns(db, () => claimDue(world, SLOTS)));
      look.points.push({ x: count, y: median(idle) });
      full.points.push({ x: count, y: median(turn) });
      found.push(
        { what: `${shown(count)} schedules, nothing due: a look`, rounds: idle, unit: 'ms', goal: { atMost: 2 } },
        { what: `${shown(count)} schedules, all due: a turn`, rounds: turn, unit: 'ms' },
        { what: `${shown(count)} schedules, all due: claimed`, rounds: drain, unit: '/s', floor: NO_OP },
      );
    }
    return found;
  } finally {
    await pool.end();
    await embedded.stop();
  }
}

async function rounds(measure: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round++) found.push(await measure());
  return found;
}

async function noOps(pool: pg.Pool, db: Database): Promise<number> {
  const count = 3000;
  await enqueue(
    db,
    Array.from({ length: count }, (_, id) => ({ task: 'event' as const, payload: { id } })),
  );
  let left = count;
  const started = performance.now();
  let finished = started;
  const event = async () => {
    left -= 1;
    if (left === 0) finished = performance.now();
  };
  const stop = await startWorkers({ pool, db, log }, { event }, { concurrency: SLOTS });
  while (left > 0) await sleep(5);
  await stop();
  return count / ((finished - started) / 1000);
}

async function seed(db: Database, count: number): Promise<void> {
  await run(db, sql`truncate syncs, runs, sync_turns, connections, functions, integrations, environments cascade`);
  for (let n = 0; n < ENVIRONMENTS; n++)
    await seedSyncs(db, { environment: `e${n}`, connections: Math.ceil(count / ENVIRONMENTS), dueInSeconds: -3600 });
  await run(db, sql`analyze`);
}

/** Milliseconds of one. */
async function turns(db: Database, turn: () => Promise<unknown>): Promise<number> {
  let spent = 0;
  for (let n = 0; n < TURNS; n++) {
    const started = performance.now();
    await turn();
    spent += performance.now() - started;
    await endOldest(db, 8);
  }
  return spent / TURNS;
}

/** What has had its run: of 1,000 schedules none would be left for what is measured next. */
async function dueAgain(db: Database): Promise<void> {
  await run(db, sql`update syncs set next_run_at = now() - interval '1 hour' where next_run_at > now()`);
}

/** A second with room for 400: nobody holds the claim up. */
async function drained(db: Database, world: Parameters<typeof claimDue>[0]): Promise<number> {
  let claimed = 0;
  let spent = 0;
  for (let n = 0; n < 2; n++) {
    const started = performance.now();
    claimed += (await claimDue(world, 400)).claimed;
    spent += performance.now() - started;
    await endOldest(db, 500);
  }
  return claimed / (spent / 1000);
}

/** The whole platform, as a process of its own. */
async function runs(): Promise<Line[]> {
  const platform = await startPlatform({ databaseUrl: process.env.DATABASE_URL, env: { BOWLINE_SYNC_LIMITS: UNLIMITED } });
  const client = new pg.Client(platform.database as pg.ClientConfig);
  try {
    await client.connect();
    await deploy(platform, 'sync', 'empty', empty, ['Item']);
    const where = { provider_config_key: 'bench', connection_id: 'bench-0' };
    await syncsAre(client, 1);
    await platform.call('POST', '/sync/start', { ...where, syncs: ['empty'] });
    await until(async () => (await ended(client)) >= 1);
    for (let n = 1; n < VARIANTS; n++) await platform.call('POST', `/sync/empty/variant/v${n}`, where);
    await until(async () => (await ended(client)) >= VARIANTS);
    const spent = await watch(platform);
    let all = 0;
    const perSecond = await rounds(async () => {
      const started = performance.now();
      let asked = 0;
      while (asked < RUNS) {
        const { syncs } = (await platform.call('POST', '/sync/trigger', { ...where, syncs: [] })) as { syncs: { outcome: string }[] };
        asked += syncs.filter(({ outcome }) => outcome === 'started').length;
        await sleep(10);
      }
      await until(async () => !(await isAnyOpen(client)));
      all += asked;
      return asked / ((performance.now() - started) / 1000);
    });
    notes.push(spentText('a run of an empty function', spent(), all));
    const pickUp = await rounds(async () => {
      const found: number[] = [];
      for (let n = 0; n < 20; n++) {
        const before = await ended(client);
        await platform.call('POST', '/sync/trigger', { ...where, syncs: ['empty'] });
        await until(async () => (await ended(client)) > before);
        const { rows } = await client.query<{ ms: number }>(
          'select extract(epoch from started_at - due_at)::float8 * 1000 as ms from runs order by id desc limit 1',
        );
        found.push(rows[0]?.ms ?? Number.NaN);
      }
      return found.sort((a, b) => a - b)[10] ?? Number.NaN;
    });
    return [
      { what: 'runs of an empty function, triggered', rounds: perSecond, unit: '/s', floor: NO_OP },
      { what: 'from a trigger until the run begins, median', rounds: pickUp, unit: 'ms' },
    ];
  } finally {
    await client.end();
    await platform.stop();
  }
}

/**
 * By the schedule alone, as in a running platform: nobody asks for them. From the moment all fall due until the last is over, half a second of which
 * may pass until it is seen.
 */
async function runsDue(): Promise<Line[]> {
  const env = { BOWLINE_SYNC_LIMITS: UNLIMITED, BOWLINE_SYNC_CONCURRENCY: String(DUE_SLOTS) };
  const platform = await startPlatform({ connections: DUE_CONNECTIONS, env });
  const client = new pg.Client(platform.database as pg.ClientConfig);
  try {
    await client.connect();
    await deploy(platform, 'sync', 'empty', empty, ['Item']);
    await syncsAre(client, DUE_CONNECTIONS);
    const syncs = await allVariants(platform, client);
    const spent = await watch(platform);
    const perSecond = await rounds(async () => {
      const started = performance.now();
      await client.query('update syncs set next_run_at = now()');
      await until(async () => !(await isAnyDue(client)) && !(await isAnyOpen(client)), 25); // asking more often took a tenth of Postgres
      return syncs / ((performance.now() - started) / 1000);
    });
    notes.push(spentText('a run of an empty function that fell due', spent(), syncs * ROUNDS));
    return [{ what: 'runs of an empty function, all due', rounds: perSecond, unit: '/s', floor: NO_OP, goal: { atLeast: 400 } }];
  } finally {
    await client.end();
    await platform.stop();
  }
}

/** As many syncs as connections may have, all of which have run. @returns how many */
async function allVariants({ call }: Platform, client: pg.Client): Promise<number> {
  for (let connection = 0; connection < DUE_CONNECTIONS; connection++) {
    const where = { provider_config_key: 'bench', connection_id: `bench-${connection}` };
    await call('POST', '/sync/start', { ...where, syncs: ['empty'] });
    for (let n = 1; n < VARIANTS_MAX; n++) await call('POST', `/sync/empty/variant/v${n}`, where);
  }
  await until(async () => !(await isAnyDue(client)) && !(await isAnyOpen(client)));
  return syncCount(client);
}

/** As a schedule has them: many connections, of which none has another run soon. On the embedded Postgres, which is little of it. */
async function runsApart(): Promise<Line[]> {
  const platform = await startPlatform({
    connections: CONNECTIONS,
    env: { BOWLINE_SYNC_LIMITS: 'environment:100%,integration:100%,backfill:100%' },
  });
  const client = new pg.Client(platform.database as pg.ClientConfig);
  try {
    await client.connect();
    await deploy(platform, 'sync', 'apart', empty, ['Item']);
    await syncsAre(client, CONNECTIONS);
    const all = { provider_config_key: 'bench', syncs: ['apart'] };
    await platform.call('POST', '/sync/start', all);
    await until(async () => (await ended(client)) >= CONNECTIONS && !(await isAnyOpen(client)));
    const spent = await watch(platform);
    const perSecond = await rounds(async () => {
      const started = performance.now();
      await platform.call('POST', '/sync/trigger', all);
      await until(async () => !(await isAnyOpen(client)));
      return CONNECTIONS / ((performance.now() - started) / 1000);
    });
    notes.push(spentText('a run of an empty function of a connection of its own', spent(), CONNECTIONS * ROUNDS));
    return [{ what: 'runs of an empty function, each of a connection of its own', rounds: perSecond, unit: '/s' }];
  } finally {
    await client.end();
    await platform.stop();
  }
}

/** A deployed function becomes a sync of each connection by an event, a moment later. */
async function syncsAre(client: pg.Client, count: number): Promise<void> {
  await until(async () => (await syncCount(client)) === count);
}

async function syncCount(client: pg.Client): Promise<number> {
  return (await client.query('select from syncs')).rowCount ?? 0;
}

async function isAnyDue(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ due: boolean }>(
    "select exists (select from syncs where wants_at <= now() and wants_at < 'infinity') as due",
  );
  return rows[0]?.due ?? false;
}

/** By an index of those alone: counting all of them every 5 ms took a fifteenth of Postgres. */
async function isAnyOpen(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>('select exists (select from syncs where active_run is not null) as open');
  return rows[0]?.open ?? false;
}

async function ended(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    "select count(*)::int as n from runs where state in ('success', 'failed', 'cancelled')",
  );
  return rows[0]?.n ?? 0;
}

async function until(look: () => Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await look())) await sleep(everyMs);
}
