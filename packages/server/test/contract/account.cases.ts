import type { account as contract } from '@bowline/api/account';
import { sql } from 'kysely';
import { only, run } from '../../src/base/database.ts';
import { createEnvironment } from '../../src/environments/create.ts';
import { createApiKey } from '../../src/environments/create-api-key.ts';
import type { Json } from '../platform.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const UNKNOWN_ID = 2_000_000_000;
/** As many keys as one environment may have. */
const KEYS = 50;

const answered = ({ status, body }: { status: number; body: Json }) => {
  if (status !== 200) throw new Error(`could not prepare: ${JSON.stringify(body)}`);
  return body.data;
};
const asAccount = ({ accountKey }: ContractWorld) => ({ authorization: `Bearer ${accountKey}` });

/** A new one. @returns its id */
export async function environment(world: ContractWorld): Promise<number> {
  const body = { name: world.fresh('environment') };
  return answered(await world.platform.call('POST', '/environments', body, asAccount(world))).id;
}

export async function key(world: ContractWorld, environmentId: number, name = 'a key'): Promise<{ id: number; secret: string }> {
  const body = { environment_id: environmentId, display_name: name };
  return answered(await world.platform.call('POST', '/environment/api-keys', body, asAccount(world)));
}

const idOf = async ({ platform }: ContractWorld, name: 'dev' | 'prod') => (await platform.scopeOf(name)).environment.id;

/** Fills the account up. @returns how to empty it again */
async function fillUp(world: ContractWorld): Promise<() => Promise<void>> {
  const { db } = world.platform.world;
  const dev = await idOf(world, 'dev');
  await run(
    db,
    sql`insert into environments (account_id, name) select account_id, 'full-' || n from environments, generate_series(1, 100) n where id = ${dev}`,
  );
  return async () => void (await run(db, sql`delete from environments where name like 'full-%'`));
}

/** Another account that has one environment. @returns its id and a key of that account */
async function onlyEnvironment({ platform: { world } }: ContractWorld): Promise<{ id: number; token: string }> {
  const { id: accountId } = await only<{ id: number }>(world.db, sql`insert into accounts (name) values ('other') returning id`);
  const made = await createEnvironment(world, { accountId, name: 'only', isProduction: false });
  return { id: made?.id ?? 0, token: (await createApiKey(world, { accountId }, { displayName: 'k' })).secret };
}

export const account: Cases<typeof contract> = {
  createEnvironment: {
    success: ({ fresh }) => ({ query: {}, body: { name: fresh('environment') } }),
    conflict: { query: {}, body: { name: 'dev' } },
    resource_capped: async (world) => ({ query: {}, body: { name: 'one-too-many' }, afterwards: await fillUp(world) }),
    invalid_is_prod_flag: { query: {}, body: { name: 'prod', is_production: false } },
  },
  deleteEnvironment: {
    success: async (world) => ({ query: {}, params: { environmentId: await environment(world) } }),
    not_found: { query: {}, params: { environmentId: UNKNOWN_ID } },
    cannot_delete_prod_environment: async (world) => ({ query: {}, params: { environmentId: await idOf(world, 'prod') } }),
    conflict: async (world) => {
      const { id, token } = await onlyEnvironment(world);
      return { query: {}, params: { environmentId: id }, token };
    },
  },
  createApiKey: {
    success: async (world) => ({ query: {}, body: { environment_id: await environment(world), display_name: 'mine' } }),
    not_found: { query: {}, body: { environment_id: UNKNOWN_ID, display_name: 'mine' } },
    conflict: async (world) => {
      const id = await environment(world);
      await key(world, id, 'taken');
      return { query: {}, body: { environment_id: id, display_name: 'taken' } };
    },
    resource_capped: async (world) => {
      const id = await environment(world);
      for (let made = 1; made < KEYS; made++) await key(world, id, `key ${made}`);
      return { query: {}, body: { environment_id: id, display_name: 'one too many' } };
    },
  },
  deleteApiKey: {
    success: async (world) => {
      const id = await environment(world);
      return { query: {}, body: { environment_id: id, key_id: (await key(world, id)).id } };
    },
    not_found: async (world) => ({ query: {}, body: { environment_id: await environment(world), key_id: UNKNOWN_ID } }),
    conflict: async (world) => {
      const id = await environment(world);
      const made = await key(world, id);
      await run(world.platform.world.db, sql`update api_keys set source = 'config' where id = ${made.id}`);
      return { query: {}, body: { environment_id: id, key_id: made.id } };
    },
  },
};
