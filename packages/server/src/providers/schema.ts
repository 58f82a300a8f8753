/** The schema of a provider's file, for editors: `# yaml-language-server: $schema=<server>/schemas/provider.json`. It is for everybody. */
import { providerSchema } from '@bowline/providers/json-schema';
import type { FastifyInstance } from 'fastify';
import { cachedText } from '../http/cached-text.ts';

export function bindProviderSchema(app: FastifyInstance): void {
  app.get('/schemas/provider.json', cachedText(providerSchema));
}
