/** Ask for a dry run: what it names must be there, the rest happens in a job. */
import type { DryRun } from '@bowline/api/dry-runs';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { findConnection } from '../connections/find.ts';
import { createJob, type FunctionJob } from '../deployments/job.ts';
import type { Scope } from '../http/scope.ts';
import { enqueue } from '../queue/enqueue.ts';

/** @throws unknown_provider_config, unknown_connection */
export async function startDryRun(world: World, scope: Scope, wanted: DryRun): Promise<FunctionJob> {
  await findConnection(world, scope, { providerConfigKey: wanted.integration_id, connectionId: wanted.connection_id });
  return transaction(world.db, async (tx) => {
    const job = await createJob(tx, scope, {
      id: world.random.uuid(),
      kind: 'dryrun',
      integration: wanted.integration_id,
      functionType: wanted.function_type,
      functionName: null,
      request: wanted,
    });
    await enqueue(tx, { task: 'dry-run', payload: { environmentId: scope.environment.id, jobId: job.id } });
    return job;
  });
}
