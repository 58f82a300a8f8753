/** Runs that are their own jobs, on a real database: who takes which, and what becomes of those whose process is gone, fails, stops or never heard. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/base/config.ts';
import { many, only, run, transaction } from '../../src/base/database.ts';
import { type Source, startTaking, type Taking } from '../../src/queue/take.ts';
import { holdLease } from '../../src/runs/lease.ts';
import { endRun, type Run } from '../../src/runs/run.ts';
import { freeRuns, handBackRun, leaseOf, takeRuns } from '../../src/runs/take.ts';
import { claimDue } from '../../src/syncs/claim.ts';
import { freshDatabase } from '../postgres.ts';
import { seedSyncs } from '../syncs/seed.ts';

const { db, pool } = await freshDatabase();
const log = pino({ level: 'silent' });
const config = parseConfig({ BOWLINE_SYNC_LIMITS: 'environment:999,integration:999,connection:999,backfill:999' });
const RUNS = 8;
const stops: Taking[] = [];

beforeEach(async () => {
  await run(db, sql`truncate syncs, runs, sync_turns, connections, functions, integrations, environments, instances cascade`);
  await run(db, sql`insert into accounts (name) values ('test')`);
  await seedSyncs(db, { environment: 'e', connections: RUNS });
  expect((await claimDue({ db, config }, RUNS)).claimed).toBe(RUNS);
});
afterEach(async () => {
  for (const taking of stops.splice(0)) await taking.stop();
});

const operations = (count: number) => Array.from({ length: count }, (_, n) => `o-${n}`);
const take = (holder: number, count = RUNS) => takeRuns(db, { holder, operationIds: operations(count) });
const ids = (runs: readonly Pick<Run, 'id'>[]) => runs.map(({ id }) => id).sort((one, other) => one - other);
const all = async () => ids(await many<Run>(db, sql`select id from runs`));
const living = async () => (await only<{ id: number }>(db, sql`insert into instances default values returning id`)).id;
const readyIn = (id: number) =>
  only<{ seconds: number; failures: number }>(
    db,
    sql`select round(extract(epoch from ready_at - now()))::float8 as seconds, failures from runs where id = ${id}`,
  );

describe('runs that are ready', () => {
  test('are each taken once, by however many at once, those first that were made ready first', async () => {
    const first = await take(1, 2);
    const taken = (await Promise.all([2, 3, 4, 5].map((holder) => take(holder, 2)))).flat();
    expect(ids(first)).toEqual((await all()).slice(0, 2));
    expect(ids([...first, ...taken])).toEqual(await all());
    expect(taken.every(({ attempts, state, operationId }) => attempts === 1 && state === 'running' && operationId !== null)).toBe(true);
    expect(await take(6)).toEqual([]);
  });

  test('are left where they were cancelled meanwhile, or are being cancelled', async () => {
    const [gone = 0, going = 0, ...others] = await all();
    const { environmentId } = await only<{ environmentId: number }>(db, sql`select environment_id from runs limit 1`);
    await endRun(db, { id: gone, environmentId }, { event: 'cancel' });
    await transaction(db, async (tx) => {
      await endRun(tx, { id: going, environmentId }, { event: 'cancel' });
      expect(ids(await take(1))).toEqual(others);
    });
    expect(await take(1)).toEqual([]);
  });
});

test('runs of syncs are in no index of public ids, which are unique all the same', async () => {
  const pages = () =>
    only<{ bytes: number; rows: number }>(
      db,
      sql`select pg_relation_size('runs_public') as bytes, count(public_id)::int as rows from runs`,
    );
  const before = await pages();
  await take(await living());
  await run(db, sql`update runs set state = 'success'`);
  expect(await pages()).toEqual({ ...before, rows: 0 });
  const name = sql`update runs set public_id = '01890000-0000-7000-8000-000000000000' where id = `;
  const [one, other] = await all();
  await run(db, sql`${name} ${one}`);
  await expect(run(db, sql`${name} ${other}`)).rejects.toThrow(/runs_public/);
});

describe('a run that was taken', () => {
  test('is free when its holder is gone, with the number of its operation and its next attempt', async () => {
    const holder = await living();
    const [taken] = await take(holder, 1);
    await take(await living());
    expect(await freeRuns(db, { holder: await living(), inHand: [] })).toBe(0);
    await run(db, sql`delete from instances where id = ${holder}`);
    expect(await freeRuns(db, { holder: await living(), inHand: [] })).toBe(1);
    expect(await takeRuns(db, { holder: await living(), operationIds: ['another'] })).toMatchObject([
      { id: taken?.id, attempts: 2, operationId: taken?.operationId },
    ]);
  });

  test('is free when its holder knows nothing of it', async () => {
    const holder = await living();
    const taken = await take(holder);
    expect(await freeRuns(db, { holder, inHand: taken.slice(1) })).toBe(1);
    expect(ids(await take(holder))).toEqual(ids(taken.slice(0, 1)));
  });

  test('is left to a write of its dead holder that goes on, and waits for nothing', async () => {
    const [taken] = await take(1, 1);
    if (!taken) throw new Error('there is one');
    await transaction(db, async (tx) => {
      await holdLease(tx, leaseOf(taken));
      expect(await freeRuns(db, { holder: await living(), inHand: [] })).toBe(0);
    });
    expect(await freeRuns(db, { holder: await living(), inHand: [] })).toBe(1);
  });

  test('waits longer after each failure of the platform, and not at all for a stop', async () => {
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      await run(db, sql`update runs set ready_at = now() - interval '1 hour' where id = ${(await all())[0] ?? 0}`);
      const [taken] = await take(1, 1);
      if (!taken) throw new Error('there is one');
      await handBackRun(db, leaseOf(taken), { failed: n < 6 });
      const { seconds, failures } = await readyIn(taken.id);
      expect(failures).toBe(Math.min(n + 1, 6));
      waits.push(seconds);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 32, 1]);
  });

  test('is not given back by who has it no more, nor when it is over', async () => {
    const [taken, ended] = await take(1, 2);
    if (!taken || !ended) throw new Error('there are two');
    await run(db, sql`update runs set attempts = attempts + 1 where id = ${taken.id}`);
    await endRun(db, leaseOf(ended), { event: 'succeed' });
    for (const one of [taken, ended]) await handBackRun(db, leaseOf(one), { failed: true });
    expect(await many(db, sql`select from runs where failures > 0 or holder is null and id in (${taken.id}, ${ended.id})`)).toEqual([]);
  });
});

describe('a process that takes runs', () => {
  const source = (part: Partial<Source<Run>>): Source<Run> => ({
    name: 'sync-run',
    take,
    free: (holder, inHand) => freeRuns(db, { holder, inHand }),
    carryOut: async (one) => void (await endRun(db, leaseOf(one), { event: 'succeed' })),
    handBack: (one, error) => handBackRun(db, leaseOf(one), { failed: error !== undefined }),
    ...part,
  });
  const start = async (part: Partial<Source<Run>>, concurrency = RUNS) => {
    const taking = await startTaking({ pool, log }, source(part), { concurrency });
    stops.push(taking);
    return taking;
  };
  const left = () => many(db, sql`select id, attempts from runs where state <> 'success' order by id`);
  const soon = { timeout: 15_000, interval: 20 };
  const endHolders = () =>
    run(
      db,
      sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${0x696e7374}
           and database = (select oid from pg_database where datname = current_database())`,
    );

  test('carries out no more at once than it has room for, and all in the end', async () => {
    let most = 0;
    let now = 0;
    await start(
      {
        carryOut: async (one) => {
          most = Math.max(most, ++now);
          await endRun(db, leaseOf(one), { event: 'succeed' });
          now -= 1;
        },
      },
      3,
    );
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
    expect(most).toBe(3);
  });

  test('takes another while it is stored that one is over, which is still its own, but no more than twice its slots', async () => {
    const stored: (() => void)[] = [];
    let most = 0;
    let now = 0;
    let known = 0;
    await start(
      {
        free: (holder, inHand) => {
          known = inHand.length;
          return freeRuns(db, { holder, inHand });
        },
        carryOut: async (one, _signal, done) => {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          done();
          await new Promise<void>((resolve) => stored.push(resolve));
          await endRun(db, leaseOf(one), { event: 'succeed' });
        },
      },
      2,
    );
    for (let ends = 0; ends < RUNS; ends++) {
      await vi.waitFor(() => expect(stored.length).toBe(Math.min(4 + ends, RUNS)), soon);
      expect(known).toBeLessThanOrEqual(4);
      stored[ends]?.();
    }
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
    expect(most).toBe(2);
    expect(await many(db, sql`select distinct attempts from runs`)).toEqual([{ attempts: 1 }]);
  });

  test('does not look again for each that ends when there was no more', async () => {
    let looks = 0;
    const ends: (() => void)[] = [];
    await start(
      {
        take: (holder, room) => {
          looks += 1;
          return take(holder, room);
        },
        carryOut: async (one) => {
          await new Promise<void>((resolve) => ends.push(resolve));
          await endRun(db, leaseOf(one), { event: 'succeed' });
          ends.pop()?.(); // one after the other
        },
      },
      RUNS + 1,
    );
    await vi.waitFor(() => expect(ends).toHaveLength(RUNS), soon);
    const before = looks;
    ends.pop()?.();
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
    expect(looks - before).toBeLessThan(RUNS / 2); // by the clock alone
  });

  test('carries out what it took although it never heard so', async () => {
    let lost = 0;
    await start({
      take: async (holder, room) => {
        const taken = await take(holder, room);
        if (lost === 0 && taken.length > 0) {
          lost = taken.length;
          throw new Error('the connection broke after the commit');
        }
        return taken;
      },
    });
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
    expect(lost).toBe(RUNS);
    expect(await many(db, sql`select distinct attempts, failures from runs`)).toEqual([{ attempts: 2, failures: 0 }]);
  });

  test('gives back what it stops, to be taken by the next one', async () => {
    const hanging = await start({
      carryOut: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    await vi.waitFor(async () => expect(await many(db, sql`select from runs where state = 'running'`)).toHaveLength(RUNS), soon);
    await hanging.stop();
    expect(await many(db, sql`select from instances`)).toEqual([]);
    await start({});
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
  });

  test('leaves no row behind where it is stopped just when it takes its lock anew', async () => {
    let stopped: Promise<void> | undefined;
    const stop = () => process.nextTick(() => (stopped = taking.stop())); // its new row is not written yet
    const taking = await startTaking({ pool, log }, source({}), { concurrency: RUNS, onLost: stop });
    await endHolders();
    await vi.waitFor(() => expect(stopped).toBeDefined(), soon);
    await stopped;
    expect(await many(db, sql`select from instances`)).toEqual([]);
  });

  test('ends what it does when it loses its lock, and takes it anew', async () => {
    let ended = 0;
    await start({
      carryOut: async (one, signal) => {
        if (one.attempts > 1) return void (await endRun(db, leaseOf(one), { event: 'succeed' }));
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      handBack: async () => void ended++,
    });
    await vi.waitFor(async () => expect(await many(db, sql`select from runs where state = 'running'`)).toHaveLength(RUNS), soon);
    await endHolders();
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
    expect(ended).toBe(0);
  });
});
