/**
 * Delete an environment: its keys, variables and signing key are gone at once, the data keys that sealed everything else are destroyed,
 * its name is free again, and nothing finds it any more.
 * What higher floors keep in it ends when they hear of `environment.deleted`, which is told in the same transaction.
 */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { AccountScope } from '../http/scope.ts';
import { destroyDataKeys } from '../vault/destroy.ts';
import { changeKeys } from './change-keys.ts';
import { PRODUCTION_NAME } from './environment.ts';
import { lockEnvironments } from './find.ts';

/** @throws not_found, cannot_delete_prod_environment, conflict for the last one */
export async function deleteEnvironment(
  world: Pick<World, 'db' | 'bus' | 'clock' | 'random'>,
  { accountId }: Pick<AccountScope, 'accountId'>,
  id: number,
): Promise<void> {
  await changeKeys(world, async (tx) => {
    const all = await lockEnvironments(tx, accountId);
    const environment = all.find((one) => one.id === id);
    if (!environment) throw problem('not_found', { message: `Your account has no environment with the id ${id}` });
    if (environment.name === PRODUCTION_NAME) throw problem('cannot_delete_prod_environment');
    if (all.length === 1) throw problem('conflict', { message: 'This is the last environment of the account; create another one first' });
    const now = world.clock.now();
    await run(
      tx,
      sql`update environments set deleted_at = ${now}, signing_key_sealed = null, previous_signing_key_sealed = null where account_id = ${accountId} and id = ${id}`,
    );
    // Secrets that nobody can use any more are not kept, those of keys deleted earlier neither.
    await run(
      tx,
      sql`update api_keys set deleted_at = coalesce(deleted_at, ${now}), secret_sealed = ''::bytea where environment_id = ${id}`,
    );
    await run(tx, sql`delete from environment_variables where environment_id = ${id}`);
    await destroyDataKeys(tx, id);
    await publish(tx, id, 'environment.deleted', {});
  });
}
