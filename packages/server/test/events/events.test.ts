import { sql } from 'kysely';
import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { many, only, run, transaction } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { dispatch, type Listener, type Listeners, type OrderedListener } from '../../src/events/dispatch.ts';
import { publish, publishAll } from '../../src/events/publish.ts';
import { migrateQueue } from '../../src/queue/work.ts';
import { freshDatabase } from '../postgres.ts';
import { createTenant } from '../records/tenant.ts';

const { pool, db, target } = await freshDatabase();
const silent: Listeners = {
  'connection.saved': {},
  'connection.save_failed': {},
  'connection.refresh_failed': {},
  'connection.refresh_recovered': {},
  'connection.deleted': {},
  'alert.opened': {},
  'alert.resolved': {},
  'functions.deployed': {},
  'integration.updated': {},
  'subscription.all_restored': {},
  'subscription.restored': {},
  'sync.completed': {},
  'sync.deletions_held': {},
  'sync.failed': {},
  'environment.deleted': {},
  'action.completed': {},
  'endpoint.paused': {},
  'endpoint.resumed': {},
  'endpoint.disabled': {},
  'webhook.forwarded': {},
};
const deployed = (listeners: Record<string, Listener<'functions.deployed'> | OrderedListener>): Listeners => ({
  ...silent,
  'functions.deployed': listeners,
});

beforeAll(async () => {
  await migrateQueue({ pool, log: pino({ level: 'silent' }) });
  await createTenant(db);
  await run(db, sql`create table heard (listener text, event int)`);
});
const note =
  (name: string): Listener<'functions.deployed'> =>
  async (tx, event) =>
    void (await run(tx, sql`insert into heard values (${name}, ${event.id})`));
const heard = (eventId: number) =>
  many<{ listener: string }>(db, sql`select listener from heard where event = ${eventId} order by listener`);
async function publishOne(): Promise<number> {
  await transaction(db, (tx) => publish(tx, 1, 'functions.deployed', { integrationIds: [3] }));
  return (await only<{ id: number }>(db, sql`select max(id)::int as id from events`)).id;
}

test('an event and its job exist only if the transaction commits', async () => {
  const count = () =>
    only<{ events: number; jobs: number }>(
      db,
      sql`select (select count(*) from events)::int as events, (select count(*) from graphile_worker.jobs)::int as jobs`,
    );
  const before = await count();
  await expect(
    transaction(db, async (tx) => {
      await publish(tx, 1, 'functions.deployed', { integrationIds: [] });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await count()).toEqual(before);
  await publishAll(db, 1, [
    { type: 'functions.deployed', payload: { integrationIds: [1] } },
    { type: 'functions.deployed', payload: { integrationIds: [2] } },
  ]);
  expect(await count()).toEqual({ events: before.events + 2, jobs: before.jobs + 2 });
});

test('every listener of the type gets the event as it was published', async () => {
  const id = await publishOne();
  const got: unknown[] = [];
  await dispatch({ db }, deployed({ see: async (_tx, event) => void got.push(event) }), id);
  expect(got).toEqual([{ id, environmentId: 1, type: 'functions.deployed', payload: { integrationIds: [3] } }]);
});

test('a listener that fails is tried again alone; the others neither wait for it nor repeat', async () => {
  const id = await publishOne();
  const broken: Listener<'functions.deployed'> = async (tx, event) => {
    await note('broken')(tx, event); // rolled back with it
    throw new Error('out of order');
  };
  await expect(dispatch({ db }, deployed({ broken, fine: note('fine') }), id)).rejects.toThrow(/"broken" failed: out of order/);
  expect(await heard(id)).toEqual([{ listener: 'fine' }]);
  await dispatch({ db }, deployed({ broken: note('broken'), fine: note('fine') }), id);
  expect(await heard(id)).toEqual([{ listener: 'broken' }, { listener: 'fine' }]);
});

test('dispatched twice at the same moment, a listener still acts once', async () => {
  const id = await publishOne();
  const listeners = deployed({
    slow: async (tx, event) => void (await run(tx, sql`insert into heard select 'slow', ${event.id}::int from pg_sleep(0.1)`)),
  });
  await Promise.all([dispatch({ db }, listeners, id), dispatch({ db }, listeners, id), dispatch({ db }, listeners, id)]);
  expect(await heard(id)).toHaveLength(1);
});

test('of forty told in order by two processes each is heard once, and those that wait for each other in a process hold no connection', async () => {
  const since = await publishOne();
  await publishAll(
    db,
    1,
    Array.from({ length: 40 }, (_, n) => ({ type: 'functions.deployed' as const, payload: { integrationIds: [n] } })),
  );
  const events = await many<{ id: number }>(db, sql`select id::int from events where id > ${since} order by id`);
  const heardInOrder: number[] = [];
  const processes = [1, 2].map(() => connectPostgres(target, { max: 2, log: pino({ level: 'silent' }) }));
  const told = processes.flatMap((one) => {
    const orderly: OrderedListener = {
      inOrder: async (_tx, news) => {
        await many(one.db, sql`select pg_sleep(0.05)`); // the other one of its connections
        heardInOrder.push(...news.map(({ id }) => id).filter((id) => id > since));
      },
    };
    return events.map(({ id }) => dispatch({ db: one.db }, deployed({ orderly }), id));
  });
  await Promise.all(told);
  expect(heardInOrder).toEqual(events.map(({ id }) => id));
  await Promise.all(processes.map((one) => one.pool.end()));
});
