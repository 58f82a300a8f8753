/**
 * API keys set by BOWLINE_SECRET_KEY_<ENV>: made at each start to be exactly what the configuration says, environments included.
 * A key whose variable is gone stops working at that start.
 */
import { sql } from 'kysely';
import { ConfigError } from '../base/config.ts';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { API_KEYS_CHANNEL, addApiKey, hashSecret } from './api-key.ts';
import { createEnvironment } from './create.ts';
import { type Environment, environmentName } from './environment.ts';
import { listEnvironments, lookEnvironment } from './find.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'random' | 'config' | 'bus' | 'clock'>;

/** Display names with this prefix are ours. */
export const configKeyPrefix = 'BOWLINE_SECRET_KEY_';

/**
 * @param accountId whose environments the names mean
 * @throws ConfigError when a name cannot be an environment's, or a key already opens another environment
 */
export function applyConfigKeys(world: Needs, accountId: number): Promise<void> {
  return transaction(world.db, async (tx) => {
    const inTx = { ...world, db: tx };
    // Processes that start together take turns; any number works as long as nobody else locks it.
    await sql`select pg_advisory_xact_lock(${0x6b657973})`.execute(tx);
    await removeOthers(inTx, accountId);
    for (const [name, secret] of world.config.secretKeys) {
      await apply(inTx, await ensureEnvironment(inTx, accountId, name), secret);
    }
    await world.bus.publish(API_KEYS_CHANNEL, {}, tx);
  });
}

/** Before any key is added, since a key may have moved from one environment to another. */
async function removeOthers(world: Needs, accountId: number): Promise<void> {
  for (const { id, name } of await listEnvironments(world, accountId)) {
    const secret = world.config.secretKeys.get(name);
    const keep = secret === undefined ? null : hashSecret(secret);
    await run(
      world.db,
      sql`update api_keys set deleted_at = ${world.clock.now()}
          where environment_id = ${id} and source = 'config' and deleted_at is null and secret_hash is distinct from ${keep}`,
    );
  }
}

async function ensureEnvironment(world: Needs, accountId: number, name: string): Promise<Environment> {
  if (!environmentName.test(name)) {
    throw new ConfigError([`${variable(name)}: an environment's name has only letters, digits, _ and -`]);
  }
  const found =
    (await lookEnvironment(world, accountId, name)) ?? (await createEnvironment(world, { accountId, name, isProduction: name === 'prod' }));
  if (!found) throw new Error(`environment ${name} appeared and vanished`);
  return found;
}

async function apply(world: Needs, environment: Environment, secret: string): Promise<void> {
  const wanted = { displayName: variable(environment.name), scopes: ['environment:*'], source: 'config', secret } as const;
  if (await addApiKey(world, environment.id, wanted)) return;
  const holder = await one<{ environmentId: number }>(
    world.db,
    sql`select environment_id from api_keys where secret_hash = ${hashSecret(secret)} and deleted_at is null`,
  );
  // The key may already be there: from the last start, or made in the dashboard and then written into the configuration.
  if (holder?.environmentId === environment.id) return;
  throw new ConfigError([`${wanted.displayName}: this key already belongs to another environment; give each its own`]);
}

function variable(environment: string): string {
  return configKeyPrefix + environment.toUpperCase();
}
