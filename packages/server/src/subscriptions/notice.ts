/** Notice a subscription that has gone silent: syncs keep finding changes of which no webhook told. It is made anew, and who reads its webhooks catches up. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import type { Events } from '../events/event.ts';
import { enqueue } from '../queue/enqueue.ts';
import { nextSubscriptionState } from './state.ts';
import { jobKeyOf } from './subscription.ts';

/** Once may be a webhook that is late; an hour's polls of which each found what nobody told is no chance. */
const MISSES_MAX = 3;
const lost = transition(nextSubscriptionState, 'lost');

/**
 * Between two polls that found changes a webhook should have come.
 * @param poll a sync that went by its schedule; those that webhooks start prove nothing
 */
export async function noticePoll(
  { db, clock }: Pick<World, 'clock'> & { db: Database },
  environmentId: number,
  { connection, syncType, modifiedAfter, responseResults: { added, updated, deleted } }: Events['sync.completed'],
): Promise<void> {
  if (syncType !== 'INCREMENTAL' || added + updated + deleted === 0) return;
  const silent = await many<{ id: string; misses: number }>(
    db,
    sql`update webhook_subscriptions
           set misses = case when polled_at > coalesce(last_event_at, made_at) then misses + 1 else 0 end,
               polled_at = greatest(polled_at, ${modifiedAfter}::timestamptz)
         where environment_id = ${environmentId} and connection_id = ${connection.id} and state = 'active'
           and made_at < ${modifiedAfter}::timestamptz
        returning id, misses`,
  );
  const ids = silent.flatMap(({ id, misses }) => (misses >= MISSES_MAX ? [id] : []));
  if (ids.length === 0) return;
  const now = clock.now();
  await run(
    db,
    sql`update webhook_subscriptions
           set state = ${lost.to}, misses = 0, failures = 0, turn = turn + 1, next_at = ${now}, error = 'Syncs found changes of which no webhook told, three times in a row'
         where environment_id = ${environmentId} and id = any(${ids}::uuid[]) and state = any(${lost.from}::text[])`,
  );
  await enqueue(
    db,
    ids.map((id) => ({ task: 'subscription' as const, payload: { environmentId, id }, key: jobKeyOf(id) })),
  );
}
