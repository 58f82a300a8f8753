/** What a run reaches out through: read again after each change, and never from before it asked. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/base/config.ts';
import { only, run, transaction } from '../../src/base/database.ts';
import { findWithIntegration } from '../../src/connections/find.ts';
import { noProgress, type RunContext } from '../../src/runs/context.ts';
import { LeaseLostError } from '../../src/runs/lease.ts';
import { reach } from '../../src/runs/reach.ts';
import { claimDue } from '../../src/syncs/claim.ts';
import { importConnection } from '../connections/fixture.ts';
import { type Json, startPlatform } from '../platform.ts';
import { apiKeyYaml, define, integrate } from '../providers/yaml.ts';
import { seedSyncs } from '../syncs/seed.ts';

const platform = await startPlatform({ worker: false });
const { call, world } = platform;
await define(platform, 'acme', apiKeyYaml('https://one.example.test'));
await integrate(platform, 'acme');
const acme = { provider_config_key: 'acme' };
const scope = await platform.scopeOf('dev');

/** As much of a run as is looked at. */
async function begin(connectionId: string): Promise<RunContext> {
  await importConnection(platform, connectionId, acme);
  const target = await findWithIntegration(world, scope, { providerConfigKey: 'acme', connectionId });
  return { ...target, world, scope, ...noProgress() } as RunContext;
}

const changes: readonly [string, (name: string, id: number) => Promise<unknown>][] = [
  ['its credentials', (name) => importConnection(platform, name, { ...acme, credentials: { type: 'API_KEY', apiKey: 'another' } })],
  ['its metadata', (name) => call('POST', '/connections/metadata', { ...acme, connection_id: name, metadata: { a: 1 } })],
  ['its integration', () => call('PATCH', '/integrations/acme', { display_name: `At ${Date.now()}` })],
  ['its own provider', () => define(platform, 'acme', apiKeyYaml('https://two.example.test'))],
  [
    'its connection, twice in one transaction',
    (_, id) =>
      transaction(world.db, async (tx) => {
        for (const n of [1, 2]) await run(tx, sql`update connections set metadata = ${JSON.stringify({ n })} where id = ${id}`);
      }),
  ],
];

test.each(changes)('after a change of %s a run reads anew, once', async (what, change) => {
  const context = await begin(`c-${changes.findIndex(([name]) => name === what)}`);
  const before = await reach(context, {});
  expect(before.connection).toBe(context.connection);
  await change(before.connection.connectionId, before.connection.id);
  const after = await reach(context, {});
  const stored = await findWithIntegration(world, scope, { ...before.connection });
  expect(after).toEqual(stored);
  expect({ ...after.connection, ...after.integration }).not.toEqual({ ...before.connection, ...before.integration });
  expect(await reach(context, {})).toBe(after);
});

test('a lock on what it reaches through is no change, and holds nothing up', async () => {
  const context = await begin('locked');
  const before = await reach(context, {});
  await transaction(world.db, async (tx) => {
    await run(tx, sql`select from connections where id = ${before.connection.id} for update`);
    expect((await reach(context, {})).connection).toBe(before.connection);
  });
  expect((await reach(context, {})).connection).toBe(before.connection);
});

test('a connection that was deleted is gone at once, and one made anew by its name is another', async () => {
  const context = await begin('brief');
  await reach(context, {});
  await call('DELETE', '/connections/brief?provider_config_key=acme');
  await expect(reach(context, {})).rejects.toMatchObject({ code: 'unknown_connection' });
  await importConnection(platform, 'brief', acme);
  const { connection } = await reach(context, {});
  expect(connection.id).not.toBe(context.connection.id);
});

test('many runs that ask at once are answered each for itself', async () => {
  await seedSyncs(world.db, { environment: 'crowd', connections: 30 });
  await claimDue(
    { db: world.db, config: parseConfig({ BOWLINE_SYNC_LIMITS: 'environment:99,integration:99,connection:99,backfill:99' }) },
    30,
  );
  const rows = await only<{ runs: Json[] }>(
    world.db,
    sql`with begun as (update runs set state = 'running', attempts = 1 where environment_id <> ${scope.environment.id} returning *)
        select json_agg(begun) as runs from begun`,
  );
  const own = await begin('among-many');
  const contexts = rows.runs.map(({ id, environment_id: environmentId, connection_id: connectionId }, place) => {
    const lease = { id, environmentId, attempt: place % 3 === 0 ? 2 : 1 }; // each third was taken over
    return { ...own, ...noProgress(), lease, connection: { ...own.connection, id: connectionId, environmentId } } as RunContext;
  });
  // They name connections of another environment, which are looked for in their own.
  const answers = await Promise.allSettled([...contexts.map((context) => reach(context, {})), reach(own, {})]);
  expect(answers.at(-1)).toEqual({ status: 'fulfilled', value: { connection: own.connection, integration: own.integration } });
  expect(answers).toHaveLength(31);
  for (const [place, answer] of answers.slice(0, -1).entries())
    expect(answer.status === 'rejected' && answer.reason instanceof LeaseLostError).toBe(place % 3 === 0);
});
