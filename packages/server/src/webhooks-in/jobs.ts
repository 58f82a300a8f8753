/** What the worker does with webhooks of providers, and what it clears away. */
import { Problem } from '@bowline/api/problem';
import type { Database, World } from '../base/world.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import { publishLive } from '../http/live.ts';
import { internalScope } from '../http/scope.ts';
import { findIntegrationById } from '../integrations/find.ts';
import { providerOf } from '../providers/own.ts';
import type { Handler } from '../queue/task.ts';
import type { RunWorld } from '../runs/context.ts';
import { handleWebhook } from './handle.ts';
import { removeKept, sweepKept } from './keep.ts';
import { processWebhooks } from './process.ts';
import { removeRefusals, sweepRefusals } from './refuse.ts';
import { removeIncoming, sweepIncoming } from './retention.ts';

/** One that cannot be seen to holds up none of those that came with it. */
export const routeWebhooksJob =
  (world: RunWorld): Handler<'webhooks-route'> =>
  async ({ environmentId, integrationId, ids }) => {
    const environment = await lookEnvironmentById(world, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = internalScope(environment);
    const integration = await findIntegrationById(world, scope, integrationId).catch((error: unknown) => {
      if (error instanceof Problem) return undefined; // deleted meanwhile
      throw error;
    });
    if (!integration) return;
    const { webhook: facts, webhook_subscription: subscription } = providerOf(world, integration) ?? {};
    const lane = { integration, facts, subscription };
    try {
      await processWebhooks(world, scope, { ...lane, ids });
      publishLive(world, environmentId, 'integrations');
    } catch (error) {
      if (ids.length === 1) throw error;
      const outcomes = await Promise.allSettled(ids.map((id) => processWebhooks(world, scope, { ...lane, ids: [id] })));
      const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failed.length > 0) throw new AggregateError(failed, String(failed[0]));
    }
  };

export const webhookRunJob =
  (world: RunWorld): Handler<'webhook-run'> =>
  ({ runId, tries }, job) =>
    handleWebhook(world, runId, { job, tries });

export async function sweepWebhooks(world: Pick<World, 'db'>): Promise<void> {
  await sweepKept(world);
  await sweepIncoming(world);
  await sweepRefusals(world);
}

export async function removeWebhooksOf(tx: Database, environmentId: number): Promise<void> {
  await removeKept(tx, environmentId);
  await removeIncoming(tx, environmentId);
  await removeRefusals(tx, environmentId);
}
