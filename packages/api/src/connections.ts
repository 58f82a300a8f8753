/** Connections: one end user's access through one integration. */
import * as z from 'zod';
import { ImportedCredentials, importFields, LegacyImport } from './connection-import.ts';
import { ConnectionId, EndUser, Flag, InIntegration, JsonObject, Nothing, ProviderConfigKey, Success, Tags, WebhookUrl } from './fields.ts';
import { defineRoute } from './route.ts';

const EndUserAnswer = z.object({
  id: z.string().describe('How your app names this person.'),
  display_name: z.string().nullable().describe('The name to show.'),
  email: z.string().nullable().describe('The e-mail address.'),
  tags: z.record(z.string(), z.string()).nullable().describe('The tags that were given with the end user.'),
  organization: z
    .object({ id: z.string().describe('How your app names it.'), display_name: z.string().nullable().describe('The name to show.') })
    .nullable()
    .describe('The organization of the end user.'),
});
export type EndUserAnswer = z.infer<typeof EndUserAnswer>;
const ConnectionError = z.object({
  type: z.enum(['auth', 'sync']).describe('`auth`: the credentials no longer work. `sync`: the last run of a sync failed.'),
  log_id: z.string().describe('The operation of the activity log that says more.'),
});

/** What a connection says of itself wherever it is answered. */
const common = {
  id: z.number().describe('Number of the connection. It stays when the connection is authorized anew.'),
  connection_id: z.string().describe('The id you name it by, unique within its integration.'),
  provider_config_key: z.string().describe('The key of its integration.'),
  provider: z.string().describe('The provider of that integration.'),
  errors: z.array(ConnectionError).describe('What is wrong with it now; empty when nothing is.'),
  end_user: EndUserAnswer.nullable().describe('Who connected; null when that was not said.'),
  tags: z.record(z.string(), z.string()).describe('Texts to find it by; `{}` when it has none.'),
  metadata: JsonObject.nullable().describe('The notes of your app, which functions can read; null when there are none.'),
};

export const ConnectionSummary = z
  .object({
    ...common,
    created: z.string().describe('When it was made.'),
  })
  .describe('A connection as lists have it, without its credentials.');
export type ConnectionSummary = z.infer<typeof ConnectionSummary>;

export const Connection = z
  .object({
    ...common,
    connection_config: JsonObject.describe('What the provider needs to know besides credentials, such as a subdomain; `{}` when nothing.'),
    webhook_url_override: z.string().nullable().describe('Where webhooks about it go; null for the address of the environment.'),
    created_at: z.string().describe('When it was made.'),
    updated_at: z.string().describe('When it was changed or authorized last. Metadata and refreshed tokens do not count.'),
    last_fetched_at: z
      .string()
      .nullable()
      .describe('When its credentials were used last, to the minute: by this route, the proxy or a function. Null: never.'),
    credentials: JsonObject.describe(
      'What grants access. `type` is the auth mode and decides the other fields: `access_token` for `OAUTH2`, `apiKey` for `API_KEY`, `username` and `password` for `BASIC`. `{}` without the right to read it.',
    ),
  })
  .describe('One connection whole.');
export type Connection = z.infer<typeof Connection>;

const Metadata = z.strictObject({
  connection_id: z
    .union([ConnectionId, z.array(ConnectionId).min(1)])
    .describe('One connection, or a list of them: all are changed, or none.'),
  provider_config_key: ProviderConfigKey,
  metadata: JsonObject.describe('The metadata, any JSON object.'),
});
const one = z.strictObject({ connectionId: ConnectionId });
const getQuery = InIntegration.extend({
  refresh_token: Flag.default(false).describe('Show refresh tokens in the answer. It refreshes nothing. Default false.'),
  force_refresh: Flag.default(false).describe(
    'Renew the access token first, even a good one, and even after earlier failures. Default false.',
  ),
  refresh_github_app_jwt_token: Flag.default(false).describe('Taken from older clients; it changes nothing here.'),
});
const listQuery = z.strictObject({
  connectionId: z.string().min(1).max(255).optional().describe('Only those with exactly this id; each integration can have one.'),
  search: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Only those with this text in their id, or in the name or e-mail address of the end user, in any case.'),
  endUserId: z.string().min(1).max(255).optional().describe('Only those of the end user with this id.'),
  endUserOrganizationId: z.string().min(1).max(255).optional().describe('Only those of end users of the organization with this id.'),
  integrationId: z
    .string()
    .transform((keys) => keys.split(',').map((key) => key.trim()))
    .optional()
    .describe('Only those of these integrations: keys separated by commas.'),
  tags: Tags.optional().describe('Only those with all of these tags, each as `tags[key]=value`.'),
  limit: z.coerce.number().int().min(1).max(2000).optional().describe('Connections a page, 1 to 2,000. Without it up to 10,000.'),
  page: z.coerce.number().int().min(0).default(0).describe('The page, from 0. Default 0. A page shorter than `limit` is the last.'),
});

const missingIs404 = { unknown_connection: { code: 'not_found', status: 404 } } as const;
const list = {
  method: 'GET',
  summary: 'List the connections of the environment, newest first',
  caller: 'apiKey',
  scope: ['environment:connections:list', 'environment:connections:list_credentials'],
  query: listQuery,
  answer: z.object({ connections: z.array(ConnectionSummary).describe('Newest first, never with credentials.') }),
  problems: [],
} as const;
/** Why credentials cannot be made good to use. On the wire one code with the status of its cause. */
const unusable = [
  'refresh_token_external_error',
  'connection_refresh_exhausted',
  'connection_refresh_backoff',
  'unknown_provider_template',
] as const;
const get = {
  method: 'GET',
  summary: 'Read one connection, its credentials refreshed when they are about to expire',
  description:
    'Tokens that expire within 15 minutes, or what the provider asks for, are renewed before they are answered. When that fails, the answer has the status of the cause, the code `invalid_credentials`, and the connection in its payload. ' +
    'A key that may not read credentials gets `credentials: {}`, and 403 when it asks for one of the three options.',
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
  description: 'Its credentials are gone and its id is free at once; syncs and records follow soon after.',
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
  description: 'All connections of the list are changed, or none when one of them does not exist. The answer is the request.',
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
  description:
    'Keys that are sent replace those of the same name, whole; the others stay. A null is stored, not removed. Calls at the same time lose nothing of each other. The answer is the request.',
  status: 200,
} as const;

/** Of one connection, the metadata itself as the body; the integration is named in the query or a header. */
const ofOne = {
  params: one,
  query: InIntegration.partial(),
  headers: z.object({ 'provider-config-key': ProviderConfigKey.optional().describe('The integration, when the query names none.') }),
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
    description:
      'Where the integration has a connection of this id already, that one gets the new credentials; its records, its syncs and all that is not sent stay. API keys and passwords are tried first, where the catalogue says how. ' +
      'The answer holds no refresh token.',
    caller: 'apiKey',
    scope: ['environment:connections:create'],
    query: Nothing,
    body: z.strictObject({
      provider_config_key: ProviderConfigKey,
      ...importFields,
      credentials: ImportedCredentials.describe('What you hold. `type` must be the auth mode of the provider.'),
      end_user: EndUser.optional().describe('Who connected.'),
      tags: Tags.optional().describe('Texts to find it by, besides those made of the end user; of the same key, these win.'),
    }),
    answer: Connection,
    status: 201,
    problems: ['unknown_provider_config', 'connection_test_failed', 'connection_validation_failed'],
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
    answer: z
      .looseObject({ connection_id: z.string().describe('The id of the connection.') })
      .describe('The request, with the id of the connection.'),
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
      'missing_oauth_token',
      'missing_oauth_token_secret',
      'missing_token_id',
      'missing_token_secret',
      'missing_account_id',
      'missing_app_id',
      'missing_installation_id',
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
    description: 'What is not sent stays, with one exception: an end user or tags replace all tags that there were.',
    caller: 'apiKey',
    scope: ['environment:connections:update'],
    params: one,
    slashes: true,
    query: InIntegration,
    body: z.strictObject({
      end_user: EndUser.optional().describe('Who it belongs to now. Replaces the end user; the organization stays.'),
      tags: Tags.optional().describe('The new tags, besides those made of the end user.'),
      webhook_url_override: WebhookUrl.optional().describe('Where webhooks about it go. An empty text: to the environment again.'),
    }),
    answer: Success,
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: missingIs404,
  }),
  remove: defineRoute({ ...remove, path: '/connections/:connectionId' }),
  removeLegacy: defineRoute({ ...remove, path: '/connection/:connectionId' }),
};
