/** What is known of a provider besides how to connect and to call it: for people, for its documentation page and for the verifier of its webhooks. */
import { z } from 'zod';
import { strict } from './field.ts';
import { handshake, place, routing } from './webhook-routing.ts';

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

const signed = {
  algorithm: z
    .enum([
      'hmac-sha256',
      'hmac-sha1',
      'hmac-sha512',
      'sha1',
      'sha256',
      'rsa-sha256',
      'ecdsa-sha256',
      'ed25519',
      'jwt-rs256',
      'jwt-es256',
      'jwt-hs256',
      'shared-token',
      'basic',
      'none',
    ])
    .describe('How the provider signs; `none`: it does not.'),
  signature: place.optional().describe('Where the signature or the token is.'),
  encoding: z.enum(['hex', 'base64']).optional().describe('How the signature is written.'),
  signed: z
    .string()
    .regex(
      /^(?:[^{}]|\{(?:body|timestamp|id|event|url|method|secret|form|crc32|webhook_id)\})+$/,
      'text and the placeholders named in its description',
    )
    .optional()
    .describe(
      'What is signed, with `{body}` (the raw bytes), `{timestamp}`, `{id}`, `{event}`, `{url}`, `{method}`, `{secret}`, `{form}` (names and values of the form, sorted by name), `{crc32}` of the body (decimal) and `{webhook_id}` (of the subscription) in it.',
    ),
  format: z.string().optional().describe('How the value is written around `{sig}`, such as `sha256={sig}`.'),
  key: z
    .enum(['webhook_secret', 'client_secret', 'api_key', 'public_key', 'subscription'])
    .optional()
    .describe("Which key it is made with: entered by the developer, the app's, the connection's, the vendor's, told with a subscription."),
  key_encoding: z
    .enum(['hex', 'base64'])
    .optional()
    .describe('How the key is written, if its bytes are the key and not its text; `whsec_` before it is left out.'),
  issuer: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe("Of a token: who must have issued it. It is for the webhook's own address then."),
  key_hint: z.string().optional().describe('Where at the vendor the key is found.'),
  timestamp: place.optional().describe('Where the moment of sending is.'),
  timestamp_unit: z.enum(['seconds', 'milliseconds', 'iso8601']).optional().describe('How that moment is written.'),
  id: place.optional().describe('What tells one delivery from another.'),
  tolerance_seconds: z.int().positive().optional().describe('Older ones are refused, as the vendor says.'),
};

/** How the provider's webhooks are told from forged ones. */
export const webhook = strict({
  ...signed,
  alternative: strict({ ...signed, when: z.string().min(1).describe('When it signs so.') })
    .optional()
    .describe('A second way in which the same provider signs.'),
  voluntary: z.literal(true).optional().describe('It signs only what was asked for with a secret.'),
  rewritten: z
    .literal(true)
    .optional()
    .describe('Some of what it sends is signed as JavaScript writes its JSON again, and not as it is sent.'),
  keys_quirk: z.enum(['paypal', 'connectwise']).optional().describe('Which of our readers finds the key that a webhook is verified with.'),
  keys_url: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe('Where its public keys are, as a JWK set.'),
  event: place.optional().describe('Where the name of the event is.'),
  handshake: handshake.optional().describe('What it asks before it sends anything.'),
  routing: routing.optional().describe('Which connections it is for. Without it: the one that `nangoConnectionId` in its address names.'),
});
export type WebhookFacts = z.infer<typeof webhook>;

/** Where the facts come from, so that a reader knows how far to trust them. */
export const provenance = strict({
  checked: z.iso.date().describe('The day when the sources were last compared.'),
  agree: z
    .array(z.enum(['vendor', 'grant', 'social-core', 'allauth', 'socialite', 'arctic', 'authjs', 'better-auth', 'openapi']))
    .describe(
      'Independent open-source clients with the same endpoints, and `vendor` when a page of the vendor says so. Empty: nothing yet.',
    ),
  source: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe("The vendor's page that was read."),
  note: z.string().optional().describe('What is in doubt, or will need another look.'),
});
