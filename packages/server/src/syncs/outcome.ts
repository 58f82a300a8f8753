/** Tell what a webhook handler of a sync did, as a run of the sync itself is told. */
import type { SandboxOutcome } from '@bowline/sandbox/pool';
import type { Database } from '../base/world.ts';
import { refOf } from '../connections/connection.ts';
import { type News, publish } from '../events/publish.ts';
import { publishLive } from '../http/live.ts';
import { countsOfRun } from '../records/counts.ts';
import type { RunContext } from '../runs/context.ts';
import { tellCompletions } from './succeed.ts';

/** In the transaction of the run's end. */
export async function publishOutcome(
  tx: Database,
  context: RunContext,
  { startedAt, outcome }: { readonly startedAt: Date; readonly outcome: SandboxOutcome },
): Promise<void> {
  const { world, scope, connection, fn, runId } = context;
  const told = { connection: refOf(connection), syncName: fn.name, syncVariant: context.variant, syncType: 'WEBHOOK' as const };
  if (outcome.ok) {
    const counts = await countsOfRun(tx, runId);
    const news = fn.config.models.map((model): News => {
      const responseResults = counts[model] ?? { added: 0, updated: 0, deleted: 0 };
      return { type: 'sync.completed', payload: { ...told, model, modifiedAfter: startedAt.toISOString(), responseResults } };
    });
    await tellCompletions(tx, context, news);
  } else {
    const { type, message } = outcome.error;
    const times = { startedAt: startedAt.toISOString(), failedAt: world.clock.now().toISOString() };
    await publish(tx, scope.environment.id, 'sync.failed', {
      ...told,
      models: fn.config.models,
      error: { type, description: message },
      ...times,
    });
  }
  for (const topic of ['records', 'syncs'] as const) publishLive(world, scope.environment.id, topic);
}
