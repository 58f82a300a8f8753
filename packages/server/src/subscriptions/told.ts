/** What a provider tells of a subscription itself: that it is to be renewed, that it is gone, or that webhooks of it were not delivered. */
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database } from '../base/world.ts';
import { refOf } from '../connections/connection.ts';
import { lookConnectionById } from '../connections/find.ts';
import { publish } from '../events/publish.ts';
import { enqueue } from '../queue/enqueue.ts';
import { nextSubscriptionState } from './state.ts';
import { jobKeyOf } from './subscription.ts';

type Row = { readonly id: string; readonly connectionId: number | null; readonly target: string };
type Told = NonNullable<WebhookSubscriptionFacts['told']>[string];
/** One genuine webhook: the subscriptions that its address names, and what its events are called. */
export type Telling = { readonly ids: readonly string[]; readonly names: readonly string[] };

const lost = transition(nextSubscriptionState, 'lost');

/** In the transaction that sees to the webhook. */
export async function heedTold(
  tx: Database,
  environmentId: number,
  { facts, telling }: { facts: WebhookSubscriptionFacts | undefined; telling: readonly Telling[] },
): Promise<void> {
  const { told } = facts ?? {};
  if (!told) return;
  const idsOf = (what: Told) =>
    [...new Set(telling.flatMap(({ ids, names }) => (names.some((name) => told[name] === what) ? ids : [])))].sort();
  const gone = await bringForward(tx, environmentId, idsOf('lost'), sql`state = ${lost.to}, error = 'The provider told that it ended'`);
  await bringForward(
    tx,
    environmentId,
    idsOf('renew').filter((id) => !gone.includes(id)),
    sql`error = null`,
  );
  for (const { connectionId, target } of await rowsOf(tx, environmentId, idsOf('missed'))) {
    const found =
      connectionId === null ? undefined : await lookConnectionById({ db: tx }, { environment: { id: environmentId } }, connectionId);
    if (found) await publish(tx, environmentId, 'subscription.restored', { connection: refOf(found.connection), target });
  }
}

async function bringForward(
  tx: Database,
  environmentId: number,
  ids: readonly string[],
  change: ReturnType<typeof sql>,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await many<{ id: string }>(
    tx,
    sql`update webhook_subscriptions set ${change}, failures = 0, turn = turn + 1, next_at = now()
         where environment_id = ${environmentId} and id::text = any(${[...ids]}::text[]) and state = any(${lost.from}::text[]) returning id`,
  );
  const touched = rows.map(({ id }) => id);
  await enqueue(
    tx,
    touched.map((id) => ({ task: 'subscription' as const, payload: { environmentId, id }, key: jobKeyOf(id) })),
  );
  return touched;
}

function rowsOf(tx: Database, environmentId: number, ids: readonly string[]): Promise<Row[]> {
  return many<Row>(
    tx,
    sql`select id, connection_id, target from webhook_subscriptions
         where environment_id = ${environmentId} and id::text = any(${[...ids]}::text[]) and state = 'active'`,
  );
}
