/**
 * Hands webhooks of providers on to the app, in the caller's transaction: to the addresses of the environment or the connection, to endpoints that want them,
 * and to the feed, which has them whoever else does.
 */
import { isChosen } from '@bowline/api/webhook-events';
import type { Database, World } from '../base/world.ts';
import { ownWebhookUrls } from '../connections/find.ts';
import { publishToFeed } from '../events/publish.ts';
import { addDeliveries, type NewDelivery } from './add.ts';
import { endpointsOfSettings, listWanting } from './endpoint.ts';
import { lookSettings } from './fan-out.ts';
import { type Forwarded, storeForwarded } from './forwarded.ts';

export type Forward = Forwarded & {
  /** Undefined when it could not be told whose it is. `id`: of the row. */
  readonly connection: { readonly id: number; readonly connectionId: string } | undefined;
};
type Forwarding = { readonly environmentId: number; readonly integration: string; readonly forwards: readonly Forward[] };

const NAME = 'webhook.forwarded';

/** @param integration its unique key. @returns for each how many deliveries were made: none where nobody wants them, or the environment was deleted */
export async function forwardAll(
  world: Pick<World, 'keyring' | 'config' | 'clock' | 'random' | 'bus'>,
  tx: Database,
  { environmentId, integration, forwards }: Forwarding,
): Promise<number[]> {
  const settings = forwards.length === 0 ? undefined : await lookSettings(world, tx, environmentId);
  if (!settings) return forwards.map(() => 0);
  const overrides = await ownWebhookUrls(tx, environmentId, [...new Set(forwards.flatMap(({ connection }) => connection?.id ?? []))]);
  const shared = [...new Set([settings.primaryUrl, settings.secondaryUrl].filter((url) => url !== ''))];
  const urlsOf = ({ connection }: Forward) => {
    const own = connection && overrides.get(connection.id);
    return own === undefined ? shared : [own];
  };
  const endpoints = await endpointsOfSettings(tx, environmentId, new Set(forwards.flatMap(urlsOf)));
  const all = await listWanting(tx, environmentId);
  const wanting = all.filter(({ types, integrations }) => isChosen(types, NAME) && (integrations?.includes(integration) ?? true));
  const at = world.clock.now();
  const ids = await storeForwarded(
    world,
    tx,
    forwards.map((content) => ({ environmentId, content, at })),
  );
  const told = forwards.map((forward, index) => ({
    forward,
    forwardId: ids[index] ?? '',
    connection: forward.connection?.connectionId ?? null,
  }));
  await publishToFeed(
    tx,
    environmentId,
    told.map(({ forwardId }) => ({ type: NAME, payload: { forwardId } })),
  );
  const deliveries = told.map(({ forward, forwardId, connection }): NewDelivery[] => {
    const about = { eventId: null, name: NAME, type: 'forward', integration, connection, content: { forwardId } };
    const orderKey = connection === null ? null : `${integration} ${connection}`;
    return [
      ...urlsOf(forward).map((url) => ({ ...about, endpointId: endpoints.get(url) ?? '', url, orderKey: null })),
      ...wanting.map(({ id, url, isOrdered }) => ({ ...about, endpointId: id, url, orderKey: isOrdered ? orderKey : null })),
    ];
  });
  await addDeliveries(world, tx, { environmentId, deliveries: deliveries.flat() });
  return deliveries.map(({ length }) => length);
}
