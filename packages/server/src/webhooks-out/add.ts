/** Puts deliveries on their way, in the transaction of what they tell; whoever sends hears of it when that commits. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { SEND_CHANNEL } from './delivery.ts';

export type NewDelivery = {
  readonly endpointId: string;
  /** Where the endpoint is at the moment. */
  readonly url: string;
  readonly eventId: number | null;
  readonly name: string;
  readonly type: string;
  readonly body: string;
  /** Sent besides ours, which win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Those with the same key go one after the other. */
  readonly orderKey: string | null;
};

/** An event goes to an endpoint once under each name, however often it is asked for. @returns the ids of those that are new */
export async function addDeliveries(
  { clock, random, bus }: Pick<World, 'clock' | 'random' | 'bus'>,
  tx: Database,
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
    body: one.body,
    headers: one.headers,
    order_key: one.orderKey,
    operation_id: newOperationId({ clock, random }),
  }));
  const now = clock.now();
  const added = await many<{ id: string }>(
    tx,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, url, event_id, name, type, body, headers, order_key, operation_id, next_at, created_at)
        select ${environmentId}::int, endpoint_id, url, event_id, name, type, body, headers, order_key, operation_id, ${now}::timestamptz, ${now}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n(place int, endpoint_id uuid, url text, event_id bigint, name text, type text, body text, headers json,
                 order_key text, operation_id text) order by place
        on conflict do nothing returning id`,
  );
  await bus.publish(SEND_CHANNEL, {}, tx);
  return added.map(({ id }) => id);
}
