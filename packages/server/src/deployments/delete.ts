/** Delete one function that no repository deploys. Its schedules and records go when the event is heard. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { lookFunction } from './find.ts';

type Which = { uniqueKey: string; name: string; type: 'sync' | 'action' };

/** @throws unknown_provider_config, not_found, function_managed_by_deploy */
export async function deleteFunction(world: Pick<World, 'db'>, scope: Scope, { uniqueKey, name, type }: Which): Promise<void> {
  const integration = await findIntegration(world, scope, uniqueKey);
  await transaction(world.db, async (tx) => {
    const deleted = await run(
      tx,
      sql`update functions set deleted_at = now()
           where environment_id = ${scope.environment.id} and integration_id = ${integration.id} and type = ${type} and name = ${name}
             and source <> 'repo' and deleted_at is null`,
    );
    if (deleted > 0) return publish(tx, scope.environment.id, 'functions.deployed', { integrationIds: [integration.id] });
    const fn = await lookFunction({ db: tx }, scope, { integrationId: integration.id, type, name });
    if (fn)
      throw problem('function_managed_by_deploy', {
        message: `The ${type} "${name}" is deployed from a repository; remove its file there and deploy again`,
      });
    throw problem('not_found', { message: `The integration "${uniqueKey}" has no ${type} "${name}"` });
  });
}
