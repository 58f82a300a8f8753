/** Connections: one end user's access through one integration. */
import * as z from 'zod';
import {
  ConnectionId,
  EndUser,
  Flag,
  InIntegration,
  JsonObject,
  NewConnectionId,
  Nothing,
  ProviderConfigKey,
  Success,
  Tags,
  WebhookUrl,
} from './fields.ts';
import { defineRoute } from './route.ts';

const EndUserAnswer = z.object({
  id: z.string(),
  display_name: z.string().nullable(),
  email: z.string().nullable(),
  tags: z.record(z.string(), z.string()).nullable(),
  organization: z.object({ id: z.string(), display_name: z.string().nullable() }).nullable(),
});
export type EndUserAnswer = z.infer<typeof EndUserAnswer>;
const ConnectionError = z.object({ type: z.enum(['auth', 'sync']), log_id: z.string() });

export const ConnectionSummary = z.object({
  id: z.number(),
  connection_id: z.string(),
  provider_config_key: z.string(),
  provider: z.string(),
  errors: z.array(ConnectionError),
  end_user: EndUserAnswer.nullable(),
  tags: z.record(z.string(), z.string()),
  metadata: JsonObject.nullable(),
  created: z.string(),
});
export type ConnectionSummary = z.infer<typeof ConnectionSummary>;

/** One connection whole. `credentials` is `{}` without the scope to read them, and holds no refresh token unless asked for. */
export const Connection = z.object({
  id: z.number(),
  connection_id: z.string(),
  provider_config_key: z.string(),
  provider: z.string(),
  errors: z.array(ConnectionError),
  end_user: EndUserAnswer.nullable(),
  tags: z.record(z.string(), z.string()),
  metadata: JsonObject.nullable(),
  connection_config: JsonObject,
  webhook_url_override: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  last_fetched_at: z.string().nullable(),
  credentials: JsonObject,
});
export type Connection = z.infer<typeof Connection>;

const text = (max: number) => z.string().min(1).max(max);
/** Credentials of an import; `type` equals the provider's auth mode. */
export const ImportedCredentials = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('OAUTH2'),
    access_token: text(16384),
    refresh_token: text(16384).optional(),
    expires_at: z.coerce.date().optional(),
    config_override: z
      .strictObject({ client_id: z.string().max(255).optional(), client_secret: z.string().max(2048).optional() })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('OAUTH2_CC'),
    token: text(4096),
    client_id: text(255),
    client_secret: text(2048),
    expires_at: z.coerce.date().optional(),
  }),
  z.strictObject({ type: z.literal('BASIC'), username: z.string().max(1024), password: z.string().max(1024) }),
  z.strictObject({ type: z.literal('API_KEY'), apiKey: text(1024) }),
  z.strictObject({ type: z.literal('NONE') }),
]);
export type ImportedCredentials = z.infer<typeof ImportedCredentials>;

const Metadata = z.strictObject({
  connection_id: z.union([ConnectionId, z.array(ConnectionId).min(1)]),
  provider_config_key: ProviderConfigKey,
  metadata: JsonObject,
});
const one = z.strictObject({ connectionId: ConnectionId });
const secret = (max: number) => z.string().max(max).optional();
/** The older import: flat, and each auth mode reads its own fields. What a mode needs and does not find has a code of its own. */
export const LegacyImport = z.looseObject({
  provider_config_key: ProviderConfigKey.optional(),
  connection_id: NewConnectionId.optional(),
  metadata: JsonObject.optional(),
  connection_config: JsonObject.optional(),
  webhook_url_override: WebhookUrl.optional(),
  access_token: secret(16_384),
  refresh_token: secret(16_384),
  /** ISO text, or epoch milliseconds. */
  expires_at: z.union([z.string().max(64), z.number()]).optional(),
  /** Seconds. */
  expires_in: z.coerce.number().int().optional(),
  no_expiration: z.union([z.boolean(), Flag]).optional(),
  oauth_client_id_override: secret(255),
  oauth_client_secret_override: secret(2048),
  raw: JsonObject.optional(),
  username: secret(1024),
  password: secret(1024),
  api_key: secret(1024),
});
export type LegacyImport = z.infer<typeof LegacyImport>;
const getQuery = InIntegration.extend({
  refresh_token: Flag.default(false),
  force_refresh: Flag.default(false),
  refresh_github_app_jwt_token: Flag.default(false),
});
const listQuery = z.strictObject({
  connectionId: z.string().min(1).max(255).optional(),
  search: z.string().min(1).max(255).optional(),
  endUserId: z.string().min(1).max(255).optional(),
  endUserOrganizationId: z.string().min(1).max(255).optional(),
  integrationId: z
    .string()
    .transform((keys) => keys.split(',').map((key) => key.trim()))
    .optional(),
  tags: Tags.optional(),
  limit: z.coerce.number().int().min(1).max(2000).optional(),
  page: z.coerce.number().int().min(0).default(0),
});

const missingIs404 = { unknown_connection: { code: 'not_found', status: 404 } } as const;
const list = {
  method: 'GET',
  summary: 'List the connections of the environment, newest first',
  caller: 'apiKey',
  scope: ['environment:connections:list', 'environment:connections:list_credentials'],
  query: listQuery,
  answer: z.object({ connections: z.array(ConnectionSummary) }),
  problems: [],
} as const;
/** Why credentials cannot be made good to use. On the wire one code with the status of its cause (http-api.md 3.5). */
const unusable = [
  'refresh_token_external_error',
  'connection_refresh_exhausted',
  'connection_refresh_backoff',
  'unknown_provider_template',
] as const;
const get = {
  method: 'GET',
  summary: 'Read one connection, its credentials refreshed when they are about to expire',
  caller: 'apiKey',
  scope: ['environment:connections:read', 'environment:connections:read_credentials'],
  params: one,
  slashes: true,
  query: getQuery,
  answer: Connection,
  problems: ['unknown_provider_config', 'unknown_connection', ...unusable],
  wording: {
    ...missingIs404,
    refresh_token_external_error: { code: 'invalid_credentials', status: 400 },
    connection_refresh_exhausted: { code: 'invalid_credentials', status: 424 },
    connection_refresh_backoff: { code: 'invalid_credentials', status: 424 },
    unknown_provider_template: { code: 'invalid_credentials', status: 404 },
  },
} as const;
const remove = {
  method: 'DELETE',
  summary: 'Delete one connection with its syncs and records',
  caller: 'apiKey',
  scope: ['environment:connections:delete'],
  params: one,
  slashes: true,
  query: InIntegration,
  answer: Success,
  problems: ['unknown_provider_config', 'unknown_connection'],
} as const;
const setMetadata = {
  method: 'POST',
  summary: 'Replace the metadata of connections',
  caller: 'apiKey',
  scope: ['environment:connections:update'],
  query: Nothing,
  body: Metadata,
  answer: Metadata,
  status: 201,
  problems: ['unknown_provider_config', 'unknown_connection'],
  wording: { unknown_connection: { status: 404 } },
} as const;
const updateMetadata = {
  ...setMetadata,
  method: 'PATCH',
  summary: 'Merge into the metadata of connections, at the top level',
  status: 200,
} as const;

/** Of one connection, the metadata itself as the body; the integration is named in the query or a header. */
const ofOne = {
  params: one,
  query: InIntegration.partial(),
  headers: z.object({ 'provider-config-key': ProviderConfigKey.optional() }),
  body: JsonObject,
  answer: JsonObject,
  path: '/connection/:connectionId/metadata',
  problems: [...setMetadata.problems, 'missing_provider_config_key'],
} as const;

export const connections = {
  list: defineRoute({ ...list, path: '/connections' }),
  listLegacy: defineRoute({ ...list, path: '/connection' }),
  import: defineRoute({
    method: 'POST',
    path: '/connections',
    summary: 'Import a connection whose credentials you already hold',
    caller: 'apiKey',
    scope: ['environment:connections:create'],
    query: Nothing,
    body: z.strictObject({
      provider_config_key: ProviderConfigKey,
      connection_id: NewConnectionId.optional(),
      metadata: JsonObject.optional(),
      connection_config: JsonObject.optional(),
      webhook_url_override: WebhookUrl.optional(),
      credentials: ImportedCredentials,
      end_user: EndUser.optional(),
      tags: Tags.optional(),
    }),
    answer: Connection,
    status: 201,
    problems: ['unknown_provider_config', 'connection_test_failed'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  importLegacy: defineRoute({
    method: 'POST',
    path: '/connection',
    summary: 'Import a connection in the older, flat form; its credentials are not tried',
    caller: 'apiKey',
    scope: ['environment:connections:create'],
    query: Nothing,
    body: LegacyImport,
    answer: z.looseObject({ connection_id: z.string() }),
    status: 201,
    problems: [
      'missing_provider_config',
      'unknown_provider_config',
      'unknown_provider_template',
      'missing_access_token',
      'missing_expires_at',
      'invalid_expires_at',
      'missing_client_id',
      'missing_client_secret',
      'missing_basic_username',
      'missing_api_key',
    ],
  }),
  setMetadata: defineRoute({ ...setMetadata, path: '/connections/metadata' }),
  setMetadataLegacy: defineRoute({ ...setMetadata, path: '/connection/metadata' }),
  updateMetadata: defineRoute({ ...updateMetadata, path: '/connections/metadata' }),
  updateMetadataLegacy: defineRoute({ ...updateMetadata, path: '/connection/metadata' }),
  setMetadataOfOneLegacy: defineRoute({ ...setMetadata, ...ofOne }),
  updateMetadataOfOneLegacy: defineRoute({ ...updateMetadata, ...ofOne }),
  get: defineRoute({ ...get, path: '/connections/:connectionId' }),
  getLegacy: defineRoute({ ...get, path: '/connection/:connectionId' }),
  update: defineRoute({
    method: 'PATCH',
    path: '/connections/:connectionId',
    summary: 'Change the end user, tags or webhook address of one connection',
    caller: 'apiKey',
    scope: ['environment:connections:update'],
    params: one,
    slashes: true,
    query: InIntegration,
    body: z.strictObject({ end_user: EndUser.optional(), tags: Tags.optional(), webhook_url_override: WebhookUrl.optional() }),
    answer: Success,
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: missingIs404,
  }),
  remove: defineRoute({ ...remove, path: '/connections/:connectionId' }),
  removeLegacy: defineRoute({ ...remove, path: '/connection/:connectionId' }),
};
