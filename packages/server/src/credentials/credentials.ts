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
const oauth1 = z.object({ type: z.literal('OAUTH1'), oauth_token: z.string(), oauth_token_secret: z.string(), raw });
const tba = z.object({
  type: z.literal('TBA'),
  token_id: z.string(),
  token_secret: z.string(),
  config_override: z.object({ client_id: z.string().optional(), client_secret: z.string().optional() }).optional(),
});
/** Every field that was submitted, and the token made of them. */
const jwt = z.looseObject({ type: z.literal('JWT'), token: z.string(), expires_at: expiresAt });
const signature = z.object({
  type: z.literal('SIGNATURE'),
  username: z.string(),
  password: z.string(),
  token: z.string().optional(),
  expires_at: expiresAt,
});
const bill = z.object({
  type: z.literal('BILL'),
  username: z.string(),
  password: z.string(),
  organization_id: z.string(),
  dev_key: z.string(),
  session_id: z.string().optional(),
  user_id: z.string().optional(),
  expires_at: expiresAt,
  raw,
});
/** Every field that was submitted and may be kept, the token, and what the answer's headers told. */
const twoStep = z.looseObject({
  type: z.literal('TWO_STEP'),
  /** An object when the whole answer is the token. */
  token: z.union([z.string(), z.record(z.string(), z.unknown())]),
  refresh_token: z.string().optional(),
  expires_at: expiresAt,
  raw,
  /** What assertions are made of (a private key). Never handed out. */
  assertion_option: z.record(z.string(), z.string()).optional(),
});
/** Names of it that no field of a form and no cookie may have. */
export const twoStepReserved: ReadonlySet<string> = new Set(Object.keys(twoStep.shape));
const app = z.object({ type: z.literal('APP'), access_token: z.string(), expires_at: expiresAt, raw, jwtToken: z.string().optional() });
/** The installation's token, and that of the person who installed it where there was one. */
const custom = z.object({
  type: z.literal('CUSTOM'),
  app: app.nullable(),
  user: oauth2.nullable(),
  raw,
  expires_at: expiresAt,
});
const awsSigV4 = z.object({
  type: z.literal('AWS_SIGV4'),
  role_arn: z.string(),
  region: z.string(),
  service: z.string(),
  external_id: z.string(),
  access_key_id: z.string(),
  secret_access_key: z.string(),
  session_token: z.string(),
  expires_at: expiresAt,
  raw,
});
const none = z.strictObject({ type: z.undefined().optional() });

/** MCP modes store OAUTH2, a plugin's installation the type its provider names. */
export const storedCredentials = z.union([
  z.discriminatedUnion('type', [
    oauth2,
    oauth2ClientCredentials,
    apiKey,
    basic,
    oauth1,
    tba,
    jwt,
    signature,
    bill,
    twoStep,
    app,
    custom,
    awsSigV4,
  ]),
  none,
]);

export type Credentials = z.infer<typeof storedCredentials>;
export type CredentialsType = NonNullable<Credentials['type']>;
export type CredentialsOf<Type extends CredentialsType> = Extract<Credentials, { type: Type }>;
export type Oauth2Credentials = CredentialsOf<'OAUTH2'>;

/**
 * Reads what was sealed.
 * @throws z.ZodError when it is not credentials of a known type; its message holds no value
 */
export function readCredentials(stored: unknown): Credentials {
  return storedCredentials.parse(stored);
}

/** When a sealed connection is next due a look, for the column that jobs select by: bookkeeping, not the decision to refresh. */
export function credentialsExpireAt(credentials: Credentials, now: Date): Date {
  if ('expires_at' in credentials && typeof credentials.expires_at === 'string') return new Date(credentials.expires_at);
  const days = credentials.type === undefined ? 99 * 365 : 1;
  return new Date(now.getTime() + days * 86_400_000);
}
