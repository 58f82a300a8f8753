/** The keys that sign what goes to an endpoint: its environment's, or its own; after a rotation the one before as well, for a while. */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { signingKeys } from '../environments/signing-keys.ts';
import { open } from '../vault/open.ts';
import type { Claimed } from './claim.ts';
import { secretPlace } from './endpoint.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'log'>;

/** @returns of each endpoint, the current one first; an empty list where the environment was deleted, nothing where they cannot be opened now */
export async function keysOf(world: Needs, claimed: readonly Claimed[]): Promise<ReadonlyMap<string, readonly string[] | undefined>> {
  const endpoints = [...new Map(claimed.map((one) => [one.endpointId, one])).values()];
  const shared = endpoints.filter(({ secretSealed }) => secretSealed === null).map(({ environmentId }) => environmentId);
  const ofEnvironments = new Map(
    await Promise.all([...new Set(shared)].map(async (id) => [id, await orNothing(world, signingKeys(world, id))] as const)),
  );
  return new Map(
    await Promise.all(
      endpoints.map(async (one) => {
        const sealed = [one.secretSealed, one.previousSecretSealed].filter((value) => value !== null);
        const keys = sealed.length > 0 ? await orNothing(world, ownKeys(world, one, sealed)) : ofEnvironments.get(one.environmentId);
        return [one.endpointId, keys] as const;
      }),
    ),
  );
}

/** A key service that is away must not stop what is signed with other keys. */
async function orNothing(world: Needs, keys: Promise<string[]>): Promise<string[] | undefined> {
  try {
    return await keys;
  } catch (error) {
    world.log.warn({ err: error }, 'a key that signs webhooks cannot be opened');
    return undefined;
  }
}

function ownKeys({ keyring }: Needs, { environmentId, endpointId: id }: Claimed, sealed: readonly Buffer[]): Promise<string[]> {
  return Promise.all(sealed.map((one) => open(keyring, secretPlace({ environmentId, id }), one)));
}

/** Of an endpoint that people made; undefined when there is none. */
export async function currentKey(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environmentId, id }: { environmentId: number; id: string },
): Promise<string | undefined> {
  const row = await one<{ sealed: Buffer }>(
    db,
    sql`select secret_sealed as sealed from webhook_endpoints where id = ${id}::uuid and environment_id = ${environmentId} and kind = 'own'`,
  );
  return row && open(keyring, secretPlace({ environmentId, id }), row.sealed);
}
