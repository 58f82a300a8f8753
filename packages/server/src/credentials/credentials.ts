/**
 * What a connection stores for its auth mode, sealed at rest: the shapes are those of the wire (`GET /connections/:id`).
 * A connection without authentication stores `{}`, so its `type` is undefined.
 */
import { z } from 'zod';

const raw = z.record(z.string(), z.unknown());
const expiresAt = z.iso.datetime({ offset: true }).optional();

const oauth2 = z.object({
  type: z.literal('OAUTH2'),
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_at: expiresAt,
  /** The provider's whole answer: some keep a second token in it. */
  raw,
  /** This connection's own OAuth client, when it does not use the integration's. */
  config_override: z.object({ client_id: z.string().optional(), client_secret: z.string().optional() }).optional(),
});
const oauth2ClientCredentials = z.object({
  type: z.literal('OAUTH2_CC'),
  token: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  client_certificate: z.string().optional(),
  client_private_key: z.string().optional(),
  expires_at: expiresAt,
  raw,
});
const apiKey = z.object({ type: z.literal('API_KEY'), apiKey: z.string() });
const basic = z.object({ type: z.literal('BASIC'), username: z.string(), password: z.string() });
const none = z.strictObject({ type: z.undefined().optional() });

export const storedCredentials = z.union([z.discriminatedUnion('type', [oauth2, oauth2ClientCredentials, apiKey, basic]), none]);

export type Credentials = z.infer<typeof storedCredentials>;
export type Oauth2Credentials = z.infer<typeof oauth2>;

/**
 * Reads what was sealed.
 * @throws z.ZodError or SyntaxError when the text is not credentials of a known type; neither message holds a value
 */
export function parseCredentials(json: string): Credentials {
  return storedCredentials.parse(JSON.parse(json));
}

/** When a sealed connection is next due a look, for the column that jobs select by: bookkeeping, not the decision to refresh. */
export function credentialsExpireAt(credentials: Credentials, now: Date): Date {
  if ('expires_at' in credentials && credentials.expires_at) return new Date(credentials.expires_at);
  const days = credentials.type === undefined ? 99 * 365 : 1;
  return new Date(now.getTime() + days * 86_400_000);
}
