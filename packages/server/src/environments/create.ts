/** Create an environment, complete: with the key that signs its webhooks and a default API key. */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { seal } from '../vault/seal.ts';
import { addApiKey } from './api-key.ts';
import { type Environment, environmentColumns, signingKeyPlace } from './environment.ts';

type NewEnvironment = { accountId: number; name: string; isProduction: boolean };

/** @returns the environment; undefined when the account already has one of this name */
export function createEnvironment(
  world: Pick<World, 'db' | 'keyring' | 'random'>,
  { accountId, name, isProduction }: NewEnvironment,
): Promise<Environment | undefined> {
  return transaction(world.db, async (tx) => {
    const environment = await one<Environment>(
      tx,
      sql`insert into environments (account_id, name, is_production, uuid) values (${accountId}, ${name}, ${isProduction}, ${world.random.uuid()})
          on conflict (account_id, name) where deleted_at is null do nothing
          returning ${environmentColumns}`,
    );
    if (!environment) return undefined;
    const sealed = await seal(world.keyring, signingKeyPlace(environment.id), world.random.uuid());
    await run(tx, sql`update environments set signing_key_sealed = ${sealed} where id = ${environment.id}`);
    const key = { displayName: 'Default', scopes: ['environment:*'], source: 'default', secret: world.random.uuid() } as const;
    await addApiKey({ ...world, db: tx }, { environment }, key);
    return environment;
  });
}
