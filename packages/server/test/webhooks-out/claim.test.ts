/** What a claim costs: it reads what it takes. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { only, run } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { createEnvironment } from '../../src/environments/create.ts';
import { internalScope } from '../../src/http/scope.ts';
import { addDeliveries } from '../../src/webhooks-out/add.ts';
import { claimDue } from '../../src/webhooks-out/claim.ts';
import { createEndpoint } from '../../src/webhooks-out/save-endpoint.ts';
import { freshDatabase } from '../postgres.ts';
import { createSendingWorld } from './world.ts';

const { target } = await freshDatabase();
const { world, close } = await createSendingWorld(target, randomBytes(32));
/** One connection: it knows what it read. */
const { db, pool } = connectPostgres(target, { max: 1, log: world.log });
afterAll(() => Promise.all([close(), pool.end()]));

const readSoFar = async () => {
  await run(db, sql`select pg_stat_force_next_flush()`);
  const { read } = await only<{ read: number }>(
    db,
    sql`select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_user_tables where relname = 'webhook_deliveries'`,
  );
  return read;
};

test('a burst after a quiet time: a claim reads as many as it takes, not all that wait, where statistics know of none', async () => {
  const account = await only<{ id: number }>(world.db, sql`insert into accounts (name) values ('acme') returning id`);
  const environment = await createEnvironment(world, { accountId: account.id, name: 'dev', isProduction: false });
  if (!environment) throw new Error('the environment exists already');
  const { id: endpointId } = await createEndpoint(world, internalScope(environment), {
    ...{ url: 'http://127.0.0.1:1/', description: '', events: ['*'], integrations: null, ordered: false, enabled: true },
  });
  const about = {
    endpointId,
    url: '',
    eventId: null,
    name: 'sync.failed',
    type: 'sync',
    integration: 'crm',
    connection: 'c-1',
    orderKey: null,
  };
  const add = (count: number) =>
    addDeliveries(world, world.db, {
      environmentId: environment.id,
      deliveries: Array.from({ length: count }, () => ({ ...about, content: { body: '{}' } })),
    });
  await run(world.db, sql`alter table webhook_deliveries set (autovacuum_enabled = false)`);
  await add(1_000);
  await run(world.db, sql`update webhook_deliveries set state = 'delivered', finished_at = now()`);
  await run(world.db, sql`vacuum analyze webhook_deliveries`);
  await add(2_000);
  const before = await readSoFar();
  expect(await claimDue({ ...world, db }, 100)).toHaveLength(16);
  // Those it takes it finds, looks up and changes.
  expect((await readSoFar()) - before).toBeLessThan(16 * 5);
});
