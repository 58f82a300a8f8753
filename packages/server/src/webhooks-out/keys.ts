/** The keys that sign what goes to an endpoint: its environment's, or its own; after a rotation the one before as well, for a while. */
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { signingKeys } from '../environments/signing-keys.ts';
import { open } from '../vault/open.ts';
import type { Delivery } from './delivery.ts';
import { secretPlace } from './endpoint.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'log'>;

/** @returns of each endpoint, the current one first; an empty list where the environment was deleted, nothing where they cannot be opened now */
export async function keysOf(
  world: Needs,
  deliveries: readonly Pick<Delivery, 'endpointId' | 'environmentId' | 'isOwn'>[],
): Promise<ReadonlyMap<string, readonly string[] | undefined>> {
  const own = new Map(deliveries.filter(({ isOwn }) => isOwn).map((one) => [one.endpointId, one.environmentId]));
  const shared = new Map(deliveries.filter(({ isOwn }) => !isOwn).map((one) => [one.endpointId, one.environmentId]));
  const byEnvironment = new Map(
    await Promise.all([...new Set(shared.values())].map(async (id) => [id, await orNothing(world, signingKeys(world, id))] as const)),
  );
  return new Map([
    ...[...own.keys()].map((id) => [id, [] as readonly string[]] as const),
    ...(await ownKeys(world, own)),
    ...[...shared].map(([id, of]) => [id, byEnvironment.get(of)] as const),
  ]);
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

type Row = { id: string; environmentId: number; current: Buffer; previous: Buffer | null };

async function ownKeys(world: Needs, endpoints: ReadonlyMap<string, number>): Promise<(readonly [string, string[] | undefined])[]> {
  if (endpoints.size === 0) return [];
  const rows = await many<Row>(
    world.db,
    sql`select id, environment_id, secret_sealed as current,
               case when previous_secret_until > ${world.clock.now()}::timestamptz then previous_secret_sealed end as previous
          from webhook_endpoints where id = any(${[...endpoints.keys()]}::uuid[]) and environment_id = any(${[...endpoints.values()]}::int[]) and kind = 'own'`,
  );
  return Promise.all(
    rows.map(async ({ id, environmentId, current, previous }) => {
      const sealed = previous ? [current, previous] : [current];
      const opened = Promise.all(sealed.map((one) => open(world.keyring, secretPlace({ environmentId, id }), one)));
      return [id, await orNothing(world, opened)] as const;
    }),
  );
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
