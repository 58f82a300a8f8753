/** Note that a webhook was not taken: a count by the minute and the reason, and one entry of the activity log for each, however many there are. */
import { sql } from 'kysely';
import { only, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { startOperation } from '../logs/operation.ts';
import type { Refusal } from './verify/verify.ts';

const KEPT = '30 days';

export async function noteRefusal(
  world: Pick<World, 'db' | 'journal' | 'clock' | 'random'>,
  { environment }: Scope,
  { integration, reason, message }: { integration: Integration; reason: Refusal; message: string },
): Promise<void> {
  const { count } = await only<{ count: number }>(
    world.db,
    sql`insert into refused_webhooks as r (environment_id, integration_id, minute, reason)
        values (${environment.id}, ${integration.id}, date_trunc('minute', now()), ${reason})
        on conflict (integration_id, minute, reason) do update set count = r.count + 1 returning count`,
  );
  if (count > 1) return;
  startOperation(
    world,
    { environment },
    {
      type: 'webhook',
      action: 'incoming',
      title: `Webhook of ${integration.provider} refused`,
      integration: integration.uniqueKey,
      provider: integration.provider,
      meta: { reason },
    },
  ).end({ state: 'failed', error: `${message}. Further ones of this minute are counted only` });
}

/** Of all environments. */
export async function sweepRefusals({ db }: Pick<World, 'db'>): Promise<void> {
  await run(db, sql`delete from refused_webhooks where minute < now() - ${KEPT}::interval`);
}

export async function removeRefusals(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from refused_webhooks where environment_id = ${environmentId}`);
}
