/** `GET /openapi.json`: the public contract for generators and API clients. Made at the first request, then kept: the routes do not change. */
import { openApi } from '@bowline/api/openapi';
import type { FastifyInstance } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };
import type { World } from '../base/world.ts';
import { cachedText } from './cached-text.ts';

export function bindOpenApi(app: FastifyInstance, { config }: Pick<World, 'config'>): void {
  const answer = cachedText(() => openApi({ serverUrl: config.publicUrl, version: manifest.version }));
  app.get('/openapi.json', async (request, reply) => answer(request, reply));
}
