/** Notice a subscription that has gone silent: syncs keep finding changes of which no webhook told. It is made anew, and who reads its webhooks catches up. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import type { Events } from '../events/event.ts';
import { integrationIdOf } from '../integrations/find.ts';
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
  await noticeOfIntegration({ db, clock }, environmentId, { connection, modifiedAfter });
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

/**
 * Webhooks of any connection come through the one of an integration, and any connection's polls may find changes, so only those of one connection are compared with
 * it: the first that finds any since the last webhook, until it finds none for a day. Of an app's address asking again changes nothing, so it is only seen whether
 * it is still there.
 */
async function noticeOfIntegration(
  { db, clock }: Pick<World, 'clock'> & { db: Database },
  environmentId: number,
  { connection, modifiedAfter }: Pick<Events['sync.completed'], 'connection' | 'modifiedAfter'>,
): Promise<void> {
  const isSilent = sql`polled_at > coalesce(last_event_at, made_at)`;
  const [silent] = await many<{ id: string; misses: number }>(
    db,
    sql`update webhook_subscriptions
           set misses = case when not coalesce(${isSilent}, false) then 0 when polled_by = ${connection.id} then misses + 1 else misses end,
               polled_by = ${connection.id}, polled_at = greatest(polled_at, ${modifiedAfter}::timestamptz)
         where environment_id = ${environmentId} and connection_id is null and state = 'active' and made_at < ${modifiedAfter}::timestamptz
           and integration_id = ${integrationIdOf(environmentId, connection.providerConfigKey)}
           and (polled_by is null or polled_by = ${connection.id} or not coalesce(${isSilent}, false) or polled_at < ${modifiedAfter}::timestamptz - interval '1 day')
        returning id, misses`,
  );
  if (!silent || silent.misses < MISSES_MAX) return;
  const { id } = silent;
  await run(
    db,
    sql`update webhook_subscriptions set misses = 0, turn = turn + 1, next_at = ${clock.now()} where environment_id = ${environmentId} and id = ${id}`,
  );
  await enqueue(db, { task: 'subscription', payload: { environmentId, id }, key: jobKeyOf(id) });
}
