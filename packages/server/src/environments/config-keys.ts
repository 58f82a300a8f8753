/**
 * API keys set by BOWLINE_SECRET_KEY_<ENV> and BOWLINE_ACCOUNT_KEY: made at each start to be exactly what the configuration says,
 * environments included. A key whose variable is gone stops working at that start.
 */
import { sql } from 'kysely';
import { ConfigError } from '../base/config.ts';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { addApiKey, hashSecret, heldBy, type KeyHolder } from './api-key.ts';
import { API_KEYS_CHANNEL } from './change-keys.ts';
import { createEnvironment } from './create.ts';
import { type Environment, environmentName } from './environment.ts';
import { listEnvironments, lookEnvironment } from './find.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'random' | 'config' | 'bus' | 'clock'>;

/** Display names with this prefix, and this one, are ours. */
export const configKeyPrefix = 'BOWLINE_SECRET_KEY_';
export const accountKeyVariable = 'BOWLINE_ACCOUNT_KEY';

/**
 * @param accountId whose environments the names mean
 * @throws ConfigError when a name cannot be an environment's, or a key already opens something else
 */
export function applyConfigKeys(world: Needs, accountId: number): Promise<void> {
  const { secretKeys, accountKey } = world.config;
  return transaction(world.db, async (tx) => {
    const inTx = { ...world, db: tx };
    // Processes that start together take turns; any number works as long as nobody else locks it.
    await sql`select pg_advisory_xact_lock(${0x6b657973})`.execute(tx);
    // Before any key is added, since a key may have moved from one environment to another.
    await removeOthers(inTx, { accountId }, accountKey);
    for (const environment of await listEnvironments(inTx, accountId)) {
      await removeOthers(inTx, { environment }, secretKeys.get(environment.name));
    }
    for (const [name, secret] of secretKeys) {
      const environment = await ensureEnvironment(inTx, accountId, name);
      await apply(inTx, { environment }, { displayName: variable(name), scopes: ['environment:*'], secret });
    }
    if (accountKey) await apply(inTx, { accountId }, { displayName: accountKeyVariable, scopes: ['account:*'], secret: accountKey });
    await world.bus.publish(API_KEYS_CHANNEL, {}, tx);
  });
}

async function removeOthers(world: Needs, holder: KeyHolder, secret: string | undefined): Promise<void> {
  const keep = secret === undefined ? null : hashSecret(secret);
  await run(
    world.db,
    sql`update api_keys set deleted_at = ${world.clock.now()}
        where ${heldBy(holder)} and source = 'config' and deleted_at is null and secret_hash is distinct from ${keep}`,
  );
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

type Wanted = { displayName: string; scopes: readonly string[]; secret: string };

async function apply(world: Needs, holder: KeyHolder, wanted: Wanted): Promise<void> {
  if (await addApiKey(world, holder, { ...wanted, source: 'config' })) return;
  // The key may already be there: from the last start, or made in the dashboard and then written into the configuration.
  const kept = await one(
    world.db,
    sql`select id from api_keys where ${heldBy(holder)} and secret_hash = ${hashSecret(wanted.secret)} and deleted_at is null`,
  );
  if (kept) return;
  throw new ConfigError([`${wanted.displayName}: this key already belongs to another environment or account; give each its own`]);
}

function variable(environment: string): string {
  return configKeyPrefix + environment.toUpperCase();
}
