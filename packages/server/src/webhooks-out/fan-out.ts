/** Hears events in their order and makes of each the deliveries that somebody asks for, in the transaction that notes the events as heard. */
import { Problem } from '@bowline/api/problem';
import { isChosen } from '@bowline/api/webhook-events';
import type { Database, World } from '../base/world.ts';
import { ownWebhookUrls } from '../connections/find.ts';
import { type Settings, webhookSettings } from '../environments/settings.ts';
import type { OrderedListener } from '../events/dispatch.ts';
import type { Event } from '../events/event.ts';
import { addDeliveries, type NewDelivery } from './add.ts';
import { type Message, messagesOf } from './body.ts';
import { endpointsOfSettings, listWanting, type Wanting } from './endpoint.ts';

type Needs = Pick<World, 'keyring' | 'config' | 'clock' | 'random' | 'bus'>;
type Told = { readonly event: Event; readonly message: Message };

export function fanOutWebhooks(world: Needs): OrderedListener {
  return {
    inOrder: async (tx, events) => {
      const environmentId = events[0]?.environmentId ?? 0; // they are of one environment
      const settings = await lookSettings(world, tx, environmentId);
      if (!settings) return;
      const told = events.flatMap((event) => messagesOf(event, settings).map((message) => ({ event, message })));
      const own = await listWanting(tx, environmentId);
      const wanted = told.filter(({ message }) => message.wanted);
      const addresses = await addressesOf(tx, environmentId, { wanted, settings });
      const endpoints = await endpointsOfSettings(tx, environmentId, new Set([...addresses.values()].flatMap((urls) => [...urls])));
      const deliveries = told.flatMap((one) => [
        ...[...(addresses.get(one) ?? [])].map((url) => newDelivery(one, { id: endpoints.get(url) ?? '', url, isOrdered: false })),
        ...own.filter((endpoint) => wants(endpoint, one)).map((endpoint) => newDelivery(one, endpoint)),
      ]);
      await addDeliveries(world, tx, { environmentId, deliveries });
    },
  };
}

const newDelivery = ({ event, message }: Told, { id, url, isOrdered }: Pick<Wanting, 'id' | 'url' | 'isOrdered'>): NewDelivery => ({
  endpointId: id,
  url,
  eventId: event.id,
  name: message.name,
  type: message.kind,
  integration: integrationOf(event) ?? null,
  connection: connectionIdOf(event),
  content: { body: message.text },
  orderKey: isOrdered && 'connection' in event.payload ? orderKeyOf(event.payload.connection) : null,
});

const orderKeyOf = (connection: { providerConfigKey: string; connectionId: string }) =>
  `${connection.providerConfigKey} ${connection.connectionId}`;

function wants({ types, integrations }: Wanting, { event, message }: Told): boolean {
  const key = integrationOf(event);
  return isChosen(types, message.name) && (integrations === null || (key !== undefined && integrations.includes(key)));
}

function integrationOf({ payload }: Event): string | undefined {
  if ('connection' in payload) return payload.connection.providerConfigKey;
  return 'providerConfigKey' in payload ? payload.providerConfigKey : undefined;
}

function connectionIdOf({ payload }: Event): string | null {
  if ('connection' in payload) return payload.connection.connectionId;
  return 'connectionId' in payload ? payload.connectionId : null;
}

/** Undefined when the environment was deleted meanwhile. */
export async function lookSettings(
  world: Pick<World, 'keyring' | 'config'>,
  tx: Database,
  environmentId: number,
): Promise<Settings | undefined> {
  try {
    return await webhookSettings({ ...world, db: tx }, environmentId);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** A connection's own address takes the place of both of the environment's. */
async function addressesOf(
  tx: Database,
  environmentId: number,
  { wanted, settings }: { wanted: readonly Told[]; settings: Settings },
): Promise<ReadonlyMap<Told, ReadonlySet<string>>> {
  const ids = new Set(wanted.flatMap(({ event }) => connectionOf(event) ?? []));
  const overrides = await ownWebhookUrls(tx, environmentId, [...ids]);
  const shared = new Set([settings.primaryUrl, settings.secondaryUrl].filter((url) => url !== ''));
  return new Map(
    wanted.map((one) => {
      const own = overrides.get(connectionOf(one.event) ?? 0);
      return [one, own === undefined ? shared : new Set([own])];
    }),
  );
}

function connectionOf({ payload }: Event): number | undefined {
  return 'connection' in payload && 'id' in payload.connection ? payload.connection.id : undefined;
}
