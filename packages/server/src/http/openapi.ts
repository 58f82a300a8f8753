/** `GET /openapi.json`: the public contract for generators and API clients. Made at the first request, then kept: the routes do not change. */
import { openApi } from '@bowline/api/openapi';
import type { FastifyInstance } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };
import type { World } from '../base/world.ts';

export function bindOpenApi(app: FastifyInstance, { config }: Pick<World, 'config'>): void {
  let text: string | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    text ??= JSON.stringify(openApi({ serverUrl: config.publicUrl, version: manifest.version }));
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
