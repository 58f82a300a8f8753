/** The doors of endpoints, deliveries and the feed. */
import type { ServerResponse } from 'node:http';
import { events } from '@bowline/api/events';
import { webhookDeliveries as deliveries } from '@bowline/api/webhook-deliveries';
import { webhookEndpoints as endpoints } from '@bowline/api/webhook-endpoints';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { canonical } from '../base/canonical.ts';
import type { World } from '../base/world.ts';
import { standardSecret } from '../environments/environment.ts';
import { openEventStream } from '../http/event-stream.ts';
import type { Scope } from '../http/scope.ts';
import { JsonText, type Serve } from '../http/serve.ts';
import { addDeliveries } from './add.ts';
import { countDeliveries, findDelivery, listDeliveries } from './deliveries.ts';
import { cursorOf, cursorText, readPage } from './feed.ts';
import { streamFeed } from './feed-stream.ts';
import { findEndpoint, listEndpoints, noEndpoint, wireEndpoint } from './find-endpoint.ts';
import { currentKey } from './keys.ts';
import { redeliver, redeliverMany } from './redeliver.ts';
import { createEndpoint, deleteEndpoint, replaceKey, resumeEndpoint, updateEndpoint } from './save-endpoint.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'random' | 'config' | 'outbound' | 'bus' | 'clock' | 'log'>;

export function bindWebhookEndpoints(serve: Serve, world: Needs): void {
  const one = async (scope: Scope, id: string) => ({ data: wireEndpoint(await findEndpoint(world, scope, id), world.clock.now()) });

  serve(endpoints.list).by(async (_input, scope) => ({
    data: (await listEndpoints(world, scope)).map((endpoint) => wireEndpoint(endpoint, world.clock.now())),
  }));
  serve(endpoints.create).by(async ({ body }, scope) => {
    const { id, key } = await createEndpoint(world, scope, body);
    return { data: { ...(await one(scope, id)).data, secret: standardSecret(key) } };
  });
  serve(endpoints.get).by(({ params }, scope) => one(scope, params.id));
  serve(endpoints.update).by(async ({ params, body }, scope) => {
    await updateEndpoint(world, scope, { id: params.id, change: body });
    return one(scope, params.id);
  });
  serve(endpoints.remove).by(async ({ params }, scope) => {
    await deleteEndpoint(world, scope, params.id);
    return { success: true };
  });
  serve(endpoints.secret).by(async ({ params }, scope) => {
    const key = await currentKey(world, { environmentId: scope.environment.id, id: params.id });
    if (key === undefined) throw noEndpoint();
    return { data: { secret: standardSecret(key) } };
  });
  serve(endpoints.rotateSecret).by(async ({ params, query }, scope) => {
    const key = await replaceKey(world, scope, { id: params.id, overlapHours: query.overlap_hours });
    return { data: { secret: standardSecret(key) } };
  });
  serve(endpoints.resume).by(async ({ params }, scope) => {
    await resumeEndpoint(world, scope, params.id);
    return one(scope, params.id);
  });
  serve(endpoints.test).by(async ({ params }, scope) => ({ data: { delivery_id: await sendTest(world, scope, params.id) } }));
}

/** @throws not_found */
async function sendTest(world: Needs, scope: Scope, endpointId: string): Promise<string> {
  const { id, url } = await findEndpoint(world, scope, endpointId);
  const body = canonical({
    from: 'nango',
    type: 'test',
    message: 'This is a test: nothing happened',
    sentAt: world.clock.now().toISOString(),
  });
  const about = { name: 'webhook.test', type: 'test', integration: null, connection: null };
  const test = { ...about, endpointId: id, url, eventId: null, content: { body }, orderKey: null };
  const [delivery = ''] = await addDeliveries(world, world.db, { environmentId: scope.environment.id, deliveries: [test] });
  return delivery;
}

export function bindWebhookDeliveries(serve: Serve, world: Needs): void {
  serve(deliveries.list).by(async ({ query }, scope) => {
    const { data, nextCursor } = await listDeliveries(world, scope, query);
    return { data, next_cursor: nextCursor };
  });
  serve(deliveries.count).by(async ({ query }, scope) => ({ data: await countDeliveries(world, scope, query) }));
  serve(deliveries.get).by(async ({ params }, scope) => ({ data: await findDelivery(world, scope, params.id) }));
  serve(deliveries.redeliver).by(async ({ params }, scope) => {
    await redeliver(world, scope, params.id);
    return { success: true };
  });
  serve(deliveries.redeliverMany).by(async ({ body }, scope) => {
    const { count, nextCursor } = await redeliverMany(world, scope, body);
    return { data: { count, more: nextCursor !== null, next_cursor: nextCursor } };
  });
}

/** @param authorize throws when who called may not do so any more: a stream lasts longer than a key may */
export function bindFeed(
  serve: Serve,
  server: FastifyInstance,
  { world, authorize }: { world: Needs; authorize: (request: FastifyRequest) => Promise<unknown> },
): void {
  const streams = new Set<ServerResponse>();
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  serve(events.list).by(async ({ query, headers }, scope, { request, reply }) => {
    const after = await cursorOf(world, scope, headers['last-event-id'] ?? query.cursor);
    const { types, signed, limit } = query;
    const wish = { types, signed, limit };
    if (!request.headers.accept?.includes('text/event-stream')) {
      const { data, cursor, hasMore } = await readPage(world, scope, { after, wish });
      return { data, next_cursor: cursorText(cursor), has_more: hasMore };
    }
    const stream = openEventStream(reply);
    streams.add(stream.once('close', () => streams.delete(stream)));
    streamFeed(world, scope, { stream, after, wish, authorize: () => authorize(request) }).catch((error: unknown) =>
      world.log.warn({ err: error }, 'a stream of events broke'),
    );
    return new JsonText('');
  });
}
