/** Hears events and makes of each the deliveries that the environment asks for, with their jobs, in the transaction that notes the event as heard. */
import { Problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { webhookUrlOf } from '../connections/find.ts';
import { type Settings, webhookSettings } from '../environments/settings.ts';
import type { Listener } from '../events/dispatch.ts';
import type { Event, EventType } from '../events/event.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { enqueue } from '../queue/enqueue.ts';
import { bodyOf } from './body.ts';

type Needs = Pick<World, 'keyring' | 'config' | 'clock' | 'random'>;

/** Behind the platform's own work: a receiver that is slow must not keep syncs waiting. */
export const DELIVER_PRIORITY = 10;

export function fanOutWebhooks(world: Needs): Listener<EventType> {
  return async (tx, event) => {
    const settings = await lookSettings(world, tx, event.environmentId);
    const body = settings && bodyOf(event, settings);
    if (!body) return;
    for (const url of await addressesOf(tx, event, settings)) {
      const delivery = await one<{ id: string }>(
        tx,
        sql`insert into webhook_deliveries (environment_id, event_id, type, url, body, operation_id)
          values (${event.environmentId}, ${event.id}, ${body.kind}, ${url}, ${body.text}, ${newOperationId(world)})
          on conflict (event_id, url) do nothing returning id`,
      );
      if (delivery) await enqueue(tx, { task: 'deliver', payload: { deliveryId: delivery.id }, priority: DELIVER_PRIORITY });
    }
  };
}

/** Undefined when the environment was deleted meanwhile. */
async function lookSettings(world: Needs, tx: Database, environmentId: number): Promise<Settings | undefined> {
  try {
    return await webhookSettings({ ...world, db: tx }, environmentId);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** A connection's own address takes the place of both of the environment's. */
async function addressesOf(tx: Database, event: Event, { primaryUrl, secondaryUrl }: Settings): Promise<Set<string>> {
  const own = 'connection' in event.payload && 'id' in event.payload.connection ? event.payload.connection.id : undefined;
  const override = own === undefined ? null : await webhookUrlOf(tx, event.environmentId, own);
  const urls = override?.trim() ? [override.trim()] : [primaryUrl, secondaryUrl];
  return new Set(urls.filter((url) => url !== ''));
}
