/** Puts deliveries on their way, in the transaction of what they tell; whoever sends hears of it when that commits. */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { SEND_CHANNEL } from './delivery.ts';
import { holdLines, letFirstGo } from './line.ts';

export type NewDelivery = {
  readonly endpointId: string;
  /** Where the endpoint is at the moment. */
  readonly url: string;
  readonly eventId: number | null;
  readonly name: string;
  readonly type: string;
  /** What it is about. */
  readonly integration: string | null;
  readonly connection: string | null;
  /** Its own body, or the stored one of what is forwarded. */
  readonly content: { readonly body: string } | { readonly forwardId: string };
  /** Those with the same key go one after the other. */
  readonly orderKey: string | null;
};

/** An event goes to an endpoint once under each name, however often it is asked for. @returns the ids of those that are new */
export async function addDeliveries(
  { clock, random, bus }: Pick<World, 'clock' | 'random' | 'bus'>,
  db: Database,
  { environmentId, deliveries }: { environmentId: number; deliveries: readonly NewDelivery[] },
): Promise<string[]> {
  if (deliveries.length === 0) return [];
  const rows = deliveries.map((one, place) => ({
    place,
    endpoint_id: one.endpointId,
    url: one.url,
    event_id: one.eventId,
    name: one.name,
    type: one.type,
    integration: one.integration,
    connection: one.connection,
    body: 'body' in one.content ? one.content.body : null,
    forward_id: 'body' in one.content ? null : one.content.forwardId,
    order_key: one.orderKey,
    operation_id: newOperationId({ clock, random }),
  }));
  const now = clock.now();
  return transaction(db, async (tx) => {
    const lines = await holdLines(tx, deliveries);
    const added = await many<{ id: string }>(
      tx,
      sql`insert into webhook_deliveries (environment_id, endpoint_id, url, event_id, name, type, integration, connection, body, forward_id, order_key, operation_id, next_at, created_at)
        select ${environmentId}::int, endpoint_id, url, event_id, name, type, integration, connection, body, forward_id, order_key, operation_id,
               case when order_key is null or (${isFirst}) then ${now}::timestamptz else 'infinity' end, ${now}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(place int, endpoint_id uuid, url text, event_id bigint, name text, type text, integration text,
                 connection text, body text, forward_id uuid, order_key text, operation_id text) order by place
        on conflict do nothing returning id`,
    );
    await letFirstGo(tx, lines); // one that was there already may have been the first of these
    await bus.publish(SEND_CHANNEL, {}, tx);
    return added.map(({ id }) => id);
  });
}

/** Of its line: as a condition on `n`, which is new. */
const isFirst = sql`row_number() over (partition by endpoint_id, order_key order by place) = 1 and not exists (
  select from webhook_deliveries w where w.endpoint_id = n.endpoint_id and w.order_key = n.order_key and w.state = 'pending')`;
