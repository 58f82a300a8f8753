/** The end of subscriptions: the provider is told while it still may be, and what is left of them is forgotten. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Target } from '../connections/target.ts';
import { findEnvironment } from '../environments/find.ts';
import type { Scope } from '../http/scope.ts';
import { startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { takeBack } from './ask.ts';
import { openAsk, type SubscriptionWorld } from './owner.ts';
import { columns, type Subscription } from './subscription.ts';

/** Somebody waits for the deletion: what takes longer ends at the provider by itself, or is refused when it comes. */
const LEAVE_MS = 10_000;

/** Before the connection is deleted. Never throws for what the provider does. */
export async function endSubscriptions(world: SubscriptionWorld, { environment: { id } }: Scope, target: Target): Promise<void> {
  const { connection, integration } = target;
  const facts = providerOf(world, integration)?.webhook_subscription;
  const rows = facts
    ? await many<Subscription>(
        world.db,
        sql`select ${columns} from webhook_subscriptions
             where environment_id = ${id} and connection_id = ${connection.id} and (remote is not null or is_doubtful) order by created_at, id`,
      )
    : [];
  if (!facts || rows.length === 0) return;
  const environment = await findEnvironment(world, id);
  const operation = startOperation(
    world,
    { environment },
    {
      type: 'webhook',
      action: 'unsubscribe',
      title: 'Take the subscriptions to webhooks back before the connection is deleted',
      integration: integration.uniqueKey,
      provider: integration.provider,
      connection: connection.connectionId,
    },
  );
  const signal = AbortSignal.timeout(LEAVE_MS);
  try {
    for (const row of rows) await takeBack(await openAsk(world, { ...target, row, facts, environment, operation, signal }));
    operation.end({ state: 'success' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    operation.log('error', message);
    operation.end({ state: 'failed', error: message });
  }
}

/** Of one connection, or of the whole environment. */
export async function forgetSubscriptions(db: Database, environmentId: number, connectionId?: number): Promise<void> {
  const one = connectionId === undefined ? sql`` : sql`and connection_id = ${connectionId}`;
  await run(db, sql`delete from webhook_subscriptions where environment_id = ${environmentId} ${one}`);
}
