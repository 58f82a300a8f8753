/** The door of providers' webhooks. Bodies of any type are taken as bytes: their signatures are over these. */
import type { ServerResponse } from 'node:http';
import { dashboardWebhooks } from '@bowline/api/dashboard-webhooks';
import { problem } from '@bowline/api/problem';
import { webhooks } from '@bowline/api/webhooks';
import { webhookRoute } from '@bowline/api/webhooks-in';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { World } from '../base/world.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { type RateLimit, spend } from '../http/admit.ts';
import { issuesOf, sendError } from '../http/answer.ts';
import { openEventStream } from '../http/event-stream.ts';
import { JsonText, type Serve } from '../http/serve.ts';
import { listIncoming } from './list.ts';
import { beginListening, findIntegrationIds, readKept } from './listen.ts';
import { findDoor, receiveWebhook } from './receive.ts';
import { streamWebhooks } from './stream.ts';

/** GitHub's own limit of a payload. */
const BYTES_MAX = 25 * 1024 * 1024;

/** @param limit of one integration; undefined: none */
export function bindWebhooksIn(server: FastifyInstance, world: HookedWorld, limit: RateLimit | undefined): void {
  server.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BYTES_MAX }, (_request, body, done) => done(null, body));
    app.route({
      // Some ask by GET, or HEAD, whether this address is theirs to call.
      method: ['POST', 'GET', 'HEAD'],
      url: webhookRoute.path,
      bodyLimit: BYTES_MAX,
      handler: async (request, reply) => {
        try {
          const names = webhookRoute.params.safeParse(request.params);
          if (!names.success) throw problem('invalid_uri_params', { errors: issuesOf(names.error) });
          const door = await findDoor(world, names.data);
          if (limit) spend(await limit(`webhooks of integration ${door.integration.id}`), request, reply);
          const received = await receiveWebhook(world, door, {
            method: request.method,
            url: `${world.config.publicUrl}${request.raw.url ?? ''}`,
            headers: request.headers,
            rawHeaders: request.raw.rawHeaders,
            body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          });
          if (received.as === 'unheard') return await reply.code(204).send();
          if (received.as === 'taken') return { status: 'success' };
          const { type, text, headers } = received.reply;
          return await reply.headers(headers).type(type).send(text);
        } catch (error) {
          return sendError(request, reply, error, webhookRoute);
        }
      },
    });
  });
}

export function bindIncoming(serve: Serve, world: Pick<World, 'db'>): void {
  serve(dashboardWebhooks.incoming).by(({ params }, scope) => listIncoming(world, scope, params.uniqueKey));
}

/** @param authorize throws when who called may not do so any more: a stream lasts longer than a key may */
export function bindWebhookStream(
  serve: Serve,
  server: FastifyInstance,
  { world, authorize }: { world: Pick<World, 'db' | 'bus' | 'keyring' | 'log'>; authorize: (request: FastifyRequest) => Promise<unknown> },
): void {
  const streams = new Set<ServerResponse>();
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  serve(webhooks.stream).by(async ({ query, headers }, scope, { request, reply }) => {
    const place = headers['last-event-id'] ?? query.after;
    const wanted = {
      after: place === undefined ? undefined : Number(place),
      integrationIds: await findIntegrationIds(world, scope, query.integration),
    };
    if (!request.headers.accept?.includes('text/event-stream')) {
      const { after, missed } = await beginListening(world, scope, wanted.after);
      const data = await readKept(world, scope, { ...wanted, after });
      return { cursor: data.at(-1)?.id ?? String(after), missed, data };
    }
    const stream = openEventStream(reply);
    streams.add(stream.once('close', () => streams.delete(stream)));
    streamWebhooks(world, scope, { stream, wanted, authorize: () => authorize(request) }).catch((error: unknown) =>
      world.log.warn({ err: error }, 'a stream of webhooks broke'),
    );
    return new JsonText('');
  });
}
