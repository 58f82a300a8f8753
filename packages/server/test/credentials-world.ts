/** The parts of the World that auth modes use, for tests: the real client, the real randomness, and a clock the test moves. */
import { randomBytes, randomUUID } from 'node:crypto';
import { loadCatalogue } from '@bowline/providers/catalogue';
import { type Provider, providerDefinition } from '@bowline/providers/provider';
import { createOutbound } from '../src/base/outbound.ts';
import type { IntegrationAccess } from '../src/credentials/access.ts';

export const catalogue = loadCatalogue();

export function testWorld(allow: string[]) {
  // A whole second: lifetimes that vendors tell in epoch seconds come out whole.
  const time = { now: new Date(Math.floor(Date.now() / 1000) * 1000) };
  return {
    time,
    outbound: createOutbound({ allow }),
    clock: { now: () => time.now },
    random: { bytes: (size: number) => randomBytes(size), uuid: () => randomUUID(), fraction: () => Math.random() },
  };
}

export function providerOf(definition: Record<string, unknown>, name = 'test'): Provider {
  return { ...providerDefinition.parse({ display_name: 'T', categories: ['other'], docs: 'https://x.test', ...definition }), name };
}

export function integrationOf(provider: Provider, over: Partial<IntegrationAccess> = {}): IntegrationAccess {
  return { provider, clientId: 'client-1', clientSecret: 's3cret', scopes: [], custom: {}, ...over };
}
