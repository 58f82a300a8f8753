/** The door of the metrics: for whoever has the token of the settings, and closed without one. They count over all environments. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';
import { metricsText } from './metrics.ts';

export function bindMetrics(app: FastifyInstance, { config, db, clock }: Pick<World, 'config' | 'db' | 'clock'>): void {
  const { metricsToken } = config;
  if (!metricsToken) return;
  app.get('/metrics', async ({ headers }, reply) => {
    if (!isSame(headers.authorization ?? '', `Bearer ${metricsToken}`)) return reply.code(401).header('www-authenticate', 'Bearer').send();
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText(db, clock.now()));
  });
}

/** Hashed first: the comparison wants equal lengths, and must not tell them. */
function isSame(given: string, right: string): boolean {
  const [one, other] = [given, right].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
