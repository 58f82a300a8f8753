/** What is known of a provider besides how to connect and to call it: for people, for its documentation page and for the verifier of its webhooks. */
import { z } from 'zod';
import { strict } from './field.ts';

/** What a provider is for: the words by which people look for one. */
export const category = z.enum([
  'accounting',
  'analytics',
  'ats',
  'banking',
  'cms',
  'communication',
  'crm',
  'design',
  'dev-tools',
  'e-commerce',
  'erp',
  'gaming',
  'hr',
  'iam',
  'invoicing',
  'knowledge-base',
  'legal',
  'marketing',
  'mcp',
  'other',
  'payment',
  'productivity',
  'search',
  'social',
  'sports',
  'storage',
  'support',
  'surveys',
  'ticketing',
  'video',
]);

const place = z.string().regex(/^(?:header|body|query)\.[\w.[\]-]+$/, 'header.x, body.x or query.x');

const handshake = strict({
  /** What the provider asks before it sends anything, such as `body.type=url_verification`. */
  when: z.string().min(1),
  /** What it wants to hear, such as `body.challenge`. */
  reply: z.string().min(1),
});

const signed = {
  algorithm: z.enum([
    'hmac-sha256',
    'hmac-sha1',
    'hmac-sha512',
    'sha1',
    'sha256',
    'rsa-sha256',
    'ecdsa-sha256',
    'ed25519',
    'jwt-rs256',
    'jwt-hs256',
    'shared-token',
    'basic',
    'none',
  ]),
  /** Where the signature or the token is. */
  signature: place.optional(),
  encoding: z.enum(['hex', 'base64']).optional(),
  /** What is signed, with `{body}`, `{timestamp}`, `{id}`, `{url}`, `{method}` and `{secret}` in it; `{body}` are the raw bytes. */
  signed: z.string().optional(),
  /** How the value is written around `{sig}`, such as `sha256={sig}`. */
  format: z.string().optional(),
  /** Which key it is made with: one the developer enters, the client secret of the app, the API key of the connection, the vendor's public key, one told with each subscription. */
  key: z.enum(['webhook_secret', 'client_secret', 'api_key', 'public_key', 'subscription']).optional(),
  /** Where at the vendor the key is found. */
  key_hint: z.string().optional(),
  timestamp: place.optional(),
  timestamp_unit: z.enum(['seconds', 'milliseconds', 'iso8601']).optional(),
  /** Older ones are refused, as the vendor says. */
  tolerance_seconds: z.int().positive().optional(),
};

/** How the provider's webhooks are told from forged ones. `none`: it does not sign them. */
export const webhook = strict({
  ...signed,
  /** A second way in which the same provider signs. */
  alternative: strict({ ...signed, when: z.string().min(1) }).optional(),
  /** Where the name of the event is, and what tells one delivery from another. */
  event: place.optional(),
  id: place.optional(),
  handshake: handshake.optional(),
});
export type WebhookFacts = z.infer<typeof webhook>;

/** Where the facts come from, so that a reader knows how far to trust them. */
export const provenance = strict({
  /** The day when the sources were last compared. */
  checked: z.iso.date(),
  /**
   * Independent open-source clients with the same endpoints (`grant`, `social-core`, `allauth`, `socialite`, `arctic`, `authjs`, `better-auth`, `openapi`),
   * and `vendor` when a page of the vendor says so. Empty: nothing confirms them yet.
   */
  agree: z.array(z.enum(['vendor', 'grant', 'social-core', 'allauth', 'socialite', 'arctic', 'authjs', 'better-auth', 'openapi'])),
  /** The vendor's page that was read. */
  source: z.url({ protocol: /^https$/ }).optional(),
  /** What is in doubt, or will need another look. */
  note: z.string().optional(),
});
