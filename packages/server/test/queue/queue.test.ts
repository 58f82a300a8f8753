import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { many, run, transaction } from '../../src/base/database.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import type { Handlers } from '../../src/queue/task.ts';
import { migrateQueue, startWorkers } from '../../src/queue/work.ts';
import { bundle, start } from '../base/process.ts';
import { freshDatabase } from '../postgres.ts';
import { handlersWith } from './handlers.ts';

const { target, pool, db } = await freshDatabase();
const log = pino({ level: 'silent' });
const stops: (() => Promise<void>)[] = [];
let workerFile = '';

beforeAll(async () => {
  workerFile = await bundle(new URL('./fixtures/worker.ts', import.meta.url));
});
beforeEach(async () => {
  await migrateQueue({ pool, log });
  await run(db, sql`truncate graphile_worker._private_jobs`);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function work(
  handlers: Partial<Handlers>,
  options: { onLost?: () => void; silentMs?: number; concurrency?: number } = {},
): Promise<() => Promise<void>> {
  const stop = await startWorkers({ pool, db, log }, handlersWith(handlers), { concurrency: 2, ...options });
  stops.push(stop);
  return stop;
}
const child = (mode: 'hang' | 'write') => start(workerFile, [JSON.stringify(target), mode]);
const instances = () => many<{ id: number }>(db, sql`select id from instances`);
const soon = { timeout: 15_000, interval: 20 };

test('a job enqueued in a transaction runs when it commits and never when it rolls back', async () => {
  const ran: number[] = [];
  await work({ event: async ({ id }) => void ran.push(id) });
  await expect(
    transaction(db, async (tx) => {
      await enqueue(tx, { task: 'event', payload: { id: 1 } });
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  await transaction(db, (tx) => enqueue(tx, [{ task: 'event', payload: { id: 2 } }]));
  await vi.waitFor(() => expect(ran).toEqual([2]), soon);
});

test('the later job of a key replaces the one that waits', async () => {
  await enqueue(db, { task: 'event', payload: { id: 1 }, key: 'same' });
  await enqueue(db, { task: 'event', payload: { id: 2 }, key: 'same' });
  const ran: number[] = [];
  await work({ event: async ({ id }) => void ran.push(id) });
  await enqueue(db, { task: 'event', payload: { id: 3 }, priority: 9 });
  await vi.waitFor(() => expect(ran).toEqual([2, 3]), soon);
});

test('a job that failed is tried again, with the attempts counted', async () => {
  const attempts: number[] = [];
  await work({
    event: async (_payload, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('first one fails');
    },
  });
  await enqueue(db, { task: 'event', payload: { id: 1 } });
  await vi.waitFor(() => expect(attempts).toEqual([1, 2]), soon);
});

test('jobs of a later time, which nobody announces, are begun side by side and not one at each look', async () => {
  const begun: number[] = [];
  let all: () => void = () => undefined;
  const together = new Promise<void>((go) => {
    all = go;
  });
  const event = async ({ id }: { id: number }) => {
    begun.push(id);
    if (begun.length === 30) all();
    await together;
  };
  await work({ event }, { concurrency: 30 });
  const runAt = new Date(Date.now() + 300);
  await enqueue(
    db,
    Array.from({ length: 30 }, (_, id) => ({ task: 'event' as const, payload: { id }, runAt })),
  );
  await vi.waitFor(() => expect(begun).toHaveLength(30), soon);
});

test('the job of a process killed with -9 is finished by another one, even when it had only one attempt', async () => {
  await enqueue(db, { task: 'event', payload: { id: 7 }, maxAttempts: 1 });
  const doomed = await child('hang');
  expect(doomed.line, doomed.stderr()).toBe('took 7');
  const ran: number[] = [];
  await work({ event: async ({ id }) => void ran.push(id) });
  await sleep(1500); // more than one round of the reaper: a living process keeps its job
  expect(ran).toEqual([]);
  doomed.child.kill('SIGKILL');
  await vi.waitFor(() => expect(ran).toEqual([7]), soon);
  expect(await instances()).toHaveLength(1);
});

test('the job of a process that is frozen is finished by another one, and it takes part again when it wakes up', async () => {
  await enqueue(db, { task: 'event', payload: { id: 11 } });
  const frozen = await child('hang');
  expect(frozen.line).toBe('took 11');
  frozen.child.kill('SIGSTOP');
  const ran: number[] = [];
  await work({ event: async ({ id }) => void ran.push(id) }, { silentMs: 2_000 });
  await vi.waitFor(() => expect(ran).toEqual([11]), soon);
  expect(await instances()).toHaveLength(1);
  frozen.child.kill('SIGCONT');
  await vi.waitFor(async () => expect(await instances()).toHaveLength(2), soon);
  frozen.child.kill('SIGKILL');
});

test('a process that starts takes over what a dead one left, alone in the database', async () => {
  await enqueue(db, { task: 'event', payload: { id: 8 } });
  const doomed = await child('hang');
  doomed.child.kill('SIGKILL');
  await doomed.exited;
  const ran: number[] = [];
  await work({ event: async ({ id }) => void ran.push(id) });
  await vi.waitFor(() => expect(ran).toEqual([8]), soon);
});

test('two processes share the work and each job runs once', async () => {
  await run(db, sql`create table taken (id int, pid int)`);
  await work({
    event: async ({ id }) => void (await run(db, sql`insert into taken select ${id}::int, ${process.pid}::int from pg_sleep(0.01)`)),
  });
  const jobs = Array.from({ length: 300 }, (_, id) => ({ task: 'event', payload: { id }, runAt: new Date(Date.now() + 1000) }) as const);
  await enqueue(db, jobs);
  await child('write');
  const ids = async () => (await many<{ id: number }>(db, sql`select id from taken order by id`)).map(({ id }) => id);
  await vi.waitFor(async () => expect(await ids()).toHaveLength(300), soon);
  expect(await ids()).toEqual(jobs.map(({ payload }) => payload.id));
  expect(await many(db, sql`select distinct pid from taken`)).toHaveLength(2);
});

test('a process that dies costs its job no attempt', async () => {
  await enqueue(db, { task: 'event', payload: { id: 12 } });
  for (const _ of [1, 2, 3]) {
    const doomed = await child('hang');
    expect(doomed.line, doomed.stderr()).toBe('took 12');
    doomed.child.kill('SIGKILL');
    await doomed.exited;
  }
  const attempts: number[] = [];
  await work({ event: async (_payload, { attempt }) => void attempts.push(attempt) });
  await vi.waitFor(() => expect(attempts).toEqual([1]), soon);
});

test('a stop hands unfinished jobs back at once, to be run by the next process', async () => {
  await enqueue(db, { task: 'event', payload: { id: 9 } });
  const leaving = await child('hang');
  expect(leaving.line).toBe('took 9');
  leaving.child.kill('SIGTERM');
  await leaving.exited;
  expect(leaving.child.exitCode).toBe(0);
  expect(await instances()).toEqual([]);
  const attempts: number[] = [];
  await work({ event: async (_payload, { attempt }) => void attempts.push(attempt) });
  await vi.waitFor(() => expect(attempts).toEqual([1]), soon);
});

test('losing the lock aborts the work under way, tells the platform, and the process takes part again', async () => {
  let lost = 0;
  const ran: string[] = [];
  await work(
    {
      event: async ({ id }, { signal, attempt }) => {
        ran.push(`${id} ${attempt}`);
        if (id === 1 && ran.length === 1)
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    },
    { onLost: () => lost++ },
  );
  await enqueue(db, { task: 'event', payload: { id: 1 } });
  await vi.waitFor(() => expect(ran).toEqual(['1 1']), soon);
  await run(
    db,
    sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${0x696e7374}
        and database = (select oid from pg_database where datname = current_database())`,
  );
  await vi.waitFor(() => expect(lost).toBe(1), soon);
  await enqueue(db, { task: 'event', payload: { id: 2 } });
  // A worker that was past the gate when the lock went takes the second in vain, and it comes again.
  const times = (id: number) => ran.filter((one) => one.startsWith(`${id} `)).length;
  await vi.waitFor(() => expect([times(1), times(2)]).toEqual([2, 1]), soon);
});
