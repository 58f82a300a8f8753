/** Delete one function that no repository deploys. Its schedules and records go when the event is heard. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { createDeployment, lockDeployments, recordChanges } from './deployment.ts';
import { lookFunction } from './find.ts';

type Which = { uniqueKey: string; name: string; type: 'sync' | 'action' };

/** @throws unknown_provider_config, not_found, function_managed_by_deploy, concurrent_deployment */
export async function deleteFunction(world: Pick<World, 'db'>, scope: Scope, { uniqueKey, name, type }: Which): Promise<void> {
  const integration = await findIntegration(world, scope, uniqueKey);
  await lockDeployments(world, scope, async (tx) => {
    const fn = await lookFunction({ db: tx }, scope, { integrationId: integration.id, type, name });
    if (!fn) throw problem('not_found', { message: `The integration "${uniqueKey}" has no ${type} "${name}"` });
    if (fn.source === 'repo')
      throw problem('function_managed_by_deploy', {
        message: `The ${type} "${name}" is deployed from a repository; remove its file there and deploy again`,
      });
    await run(tx, sql`update functions set deleted_at = now() where environment_id = ${scope.environment.id} and id = ${fn.id}`);
    const deployment = await createDeployment(tx, scope, { kind: 'delete' });
    await recordChanges(tx, scope, deployment, [{ versionId: fn.versionId, change: 'deleted', wasId: null }]);
    await publish(tx, scope.environment.id, 'functions.deployed', { integrationIds: [integration.id] });
  });
}
