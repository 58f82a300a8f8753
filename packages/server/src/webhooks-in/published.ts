/** The keys that a vendor publishes for a webhook: at one address for all, or where the webhook itself says, if that is the vendor's own. */
import { createHash } from 'node:crypto';
import type { WebhookFacts } from '@bowline/providers/facts';
import type { World } from '../base/world.ts';
import { published, publishedKeys } from './public-keys.ts';
import type { Read } from './routing/route.ts';
import { readPlace } from './verify/place.ts';

type Needs = Pick<World, 'outbound' | 'clock' | 'log'>;
type Quirk = { readonly at: string; readonly host: RegExp; readonly keyOf: (text: string) => string };

const quirks: Readonly<Record<NonNullable<WebhookFacts['keys_quirk']>, Quirk>> = {
  /** https://developer.paypal.com/api/rest/webhooks/rest/: the certificate of the key. */
  paypal: {
    at: 'header.paypal-cert-url',
    host: /^api(?:-m)?(?:\.sandbox)?\.paypal\.com$/,
    keyOf: (text) => {
      if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
      throw new Error('it answered no certificate');
    },
  },
  /** https://developer.connectwise.com/Products/ConnectWise_PSA/Developer_Guide, Callbacks: the key is the hash of what is there. */
  connectwise: {
    at: 'body.Metadata.key_url',
    host: /^(?:[a-z0-9-]+\.)?myconnectwise\.net$/,
    keyOf: (text) => {
      const { signing_key: key } = JSON.parse(text) as { signing_key?: unknown };
      if (typeof key !== 'string' || key === '') throw new Error('it answered no signing_key');
      return createHash('sha256').update(key).digest('base64');
    },
  },
};

/** @returns none where the address is not the vendor's, or does not answer */
export async function publishedFor(world: Needs, { keys_url: url, keys_quirk: name }: WebhookFacts, read: Read): Promise<string[]> {
  if (url !== undefined) return publishedKeys(world, url);
  if (name === undefined) return [];
  const { at, host, keyOf } = quirks[name];
  const told = URL.parse(readPlace(at, read)[0] ?? '');
  if (told?.protocol !== 'https:' || told.port !== '' || told.username !== '' || !host.test(told.hostname)) return [];
  return published(world, told.href, keyOf);
}
