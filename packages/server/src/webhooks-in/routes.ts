/** The door of providers' webhooks. Bodies of any type are taken as bytes: their signatures are over these. */
import { problem } from '@bowline/api/problem';
import { webhookRoute } from '@bowline/api/webhooks-in';
import type { FastifyInstance } from 'fastify';
import type { HookedWorld } from '../connections/hooks.ts';
import { type RateLimit, spend } from '../http/admit.ts';
import { issuesOf, sendError } from '../http/answer.ts';
import { findDoor, receiveWebhook } from './receive.ts';

/** GitHub's own limit of a payload. */
const BYTES_MAX = 25 * 1024 * 1024;

/** @param limit of one integration */
export function bindWebhooksIn(server: FastifyInstance, world: HookedWorld, limit: RateLimit): void {
  server.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BYTES_MAX }, (_request, body, done) => done(null, body));
    app.post(webhookRoute.path, { bodyLimit: BYTES_MAX }, async (request, reply) => {
      try {
        const names = webhookRoute.params.safeParse(request.params);
        if (!names.success) throw problem('invalid_uri_params', { errors: issuesOf(names.error) });
        const door = await findDoor(world, names.data);
        spend(await limit(`webhooks of integration ${door.integration.id}`), request, reply);
        if (!door.verify) return await reply.code(204).send();
        await receiveWebhook(world, door, {
          headers: request.headers,
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
        });
        return { status: 'success' };
      } catch (error) {
        return sendError(request, reply, error, webhookRoute);
      }
    });
  });
}
