/** Integrations: a provider configured in one environment. */
import * as z from 'zod';
import { Flag, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { IntegrationCredentials, IntegrationSecrets } from './integration-credentials.ts';
import { IntegrationWebhooks, SubscriptionSettings, WebhooksChange } from './integration-webhooks.ts';
import { defineRoute } from './route.ts';

export const Integration = z
  .object({
    unique_key: z.string().describe('The key you gave it, which names it everywhere.'),
    provider: z.string().describe('The provider of the catalogue that it configures.'),
    display_name: z.string().describe('The name to show: its own, else that of the provider.'),
    logo: z.string().describe('Address of the logo of the provider, an SVG.'),
    forward_webhooks: z.boolean().describe('Whether webhooks of the provider are forwarded to your app.'),
    manage_subscriptions: z
      .boolean()
      .describe('Whether Bowline asks the provider for webhooks of each connection, and keeps that up. Only for providers where it can.'),
    credentials_label: z
      .object({ apiKey: z.string().describe('What your users call the API key.') })
      .optional()
      .describe('Names of credentials that the connect page shows instead of those of the catalogue, where the integration sets one.'),
    preconfigured_credentials: z
      .array(z.string())
      .optional()
      .describe('Names of the values that the integration sets for all its connections, so that nobody who connects is asked for them.'),
    created_at: z.string().describe('When it was made.'),
    updated_at: z.string().describe('When it was changed last.'),
  })
  .describe('A provider configured in the environment.');
export type Integration = z.infer<typeof Integration>;

const settings = {
  display_name: z.string().min(1).max(255).optional().describe('The name to show. Default: that of the provider.'),
  forward_webhooks: z.boolean().optional().describe('Whether webhooks of the provider are forwarded to your app. Default true.'),
  webhooks: WebhooksChange.optional(),
  manage_subscriptions: z
    .boolean()
    .optional()
    .describe('Whether Bowline asks the provider for webhooks of each connection, where it can: see `GET /subscriptions`. Default false.'),
  subscription_settings: SubscriptionSettings.optional(),
  credentials: IntegrationCredentials.optional().describe(
    'The app that you registered at the provider. `type` must be the auth mode of the provider.',
  ),
  integration_config: z
    .record(z.string(), z.string().max(8192))
    .optional()
    .describe('What the provider asks of every integration, by the names in the catalogue. Only for providers that have such fields.'),
  custom: z
    .record(z.string(), z.string().max(8192))
    .optional()
    .describe('Texts of your own, for providers without `integration_config`. In a change they are merged with those that are there.'),
};
const created = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:integrations:create'],
  query: Nothing,
  answer: z.object({ data: Integration }),
  problems: [],
} as const;
const include = z.enum(['webhook', 'credentials']);
const ProviderName = Name.meta({ description: 'The provider, by its name in the catalogue.', examples: ['github'] });
const NewKey = ProviderConfigKey.describe('The key to name it by. It must be free in the environment.');
const FunctionType = z.enum(['sync', 'action', 'on-event']).optional();
const FunctionName = Name.meta({ description: 'The name of the function.', examples: ['issues'] });

export const FunctionSummary = z
  .object({
    id: z.number().describe('Number of the function. It stays when it is deployed again.'),
    name: z.string().describe('The name, unique with its type in the integration.'),
    type: z
      .enum(['sync', 'action', 'on-event'])
      .describe('A sync keeps records, an action is called, an on-event function runs when something happens.'),
    description: z.string().optional().describe('What its author says of it.'),
    scopes: z.array(z.string()).optional().describe('The scopes at the provider that it needs.'),
    enabled: z.boolean().describe('Whether it may run.'),
    version: z.string().optional().describe('The version: as deployed, else counted up with each change of the code.'),
    last_deployed: z.string().describe('When it was given the version it has.'),
    source: z
      .enum(['repo', 'catalog', 'standalone'])
      .describe('What brought it: a deployment from a repository or a bundle, the catalogue, or a deployment of this one function.'),
    input: z.string().optional().describe('The name of its input in `json_schema`.'),
    returns: z
      .array(z.string())
      .optional()
      .describe('The models a sync keeps, or what an action returns, by name. Not for on-event functions.'),
    json_schema: z.unknown().optional().describe('JSON Schema of its input and models, under `definitions`. Not for on-event functions.'),
    runs: z.string().nullable().optional().describe('Syncs: how often it runs.'),
    auto_start: z.boolean().optional().describe('Syncs: whether it begins by itself on a new connection.'),
    track_deletes: z.boolean().optional().describe('Syncs: whether records that a full run no longer meets are marked as deleted.'),
    event: z.string().optional().describe('On-event functions: what they run after or before.'),
  })
  .describe('One deployed function of an integration.');
export type FunctionSummary = z.infer<typeof FunctionSummary>;

export const integrations = {
  list: defineRoute({
    method: 'GET',
    path: '/integrations',
    summary: 'List the integrations of the environment',
    caller: 'connectSessionOrApiKey',
    scope: ['environment:integrations:list', 'environment:integrations:list_credentials'],
    query: Nothing,
    answer: z.object({ data: z.array(Integration).describe('Oldest first. A connect session sees only those that it allows.') }),
    problems: [],
  }),
  create: defineRoute({
    ...created,
    path: '/integrations',
    summary: 'Configure a provider in the environment',
    body: z.strictObject({
      provider: ProviderName,
      unique_key: NewKey,
      ...settings,
      credentials: settings.credentials
        .nullable()
        .describe(
          'The app that you registered at the provider. Required for the auth modes `OAUTH1`, `OAUTH2`, `APP`, `CUSTOM` and `INSTALL_PLUGIN`; with `TBA` each connection may bring its own. `type` must be the auth mode of the provider. `null`: it is set later, and nobody can connect before. Clients of MCP servers that register clients are registered by this server.',
        ),
    }),
  }),
  quickstart: defineRoute({
    ...created,
    path: '/integrations/quickstart',
    summary: 'Configure a provider on an app that the operator of the server shares',
    description:
      'For a first try, before you registered an app of your own. The operator names such apps in `BOWLINE_SHARED_APPS`; without one for this provider the answer is 400.',
    body: z.strictObject({
      provider: ProviderName,
      unique_key: NewKey,
      display_name: settings.display_name,
      forward_webhooks: settings.forward_webhooks,
    }),
  }),
  get: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey',
    summary: 'Read one integration',
    caller: 'apiKey',
    scope: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: z.strictObject({
      include: z
        .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
        .pipe(z.array(include))
        .optional()
        .meta({
          description:
            'What to add, separated by commas or repeated: `credentials`, which a key that may not read them gets left out, and `webhook`.',
          examples: ['credentials'],
        }),
    }),
    answer: z.object({
      data: Integration.extend({
        webhook_url: z
          .string()
          .nullable()
          .optional()
          .describe('With `include=webhook`: where the provider is to send webhooks; null where none are received.'),
        webhooks: IntegrationWebhooks.optional().describe('With `include=webhook`: how webhooks of the provider are taken.'),
        credentials: IntegrationSecrets.nullable()
          .optional()
          .describe('With `include=credentials`: the app at the provider; null for auth modes without one.'),
      }).describe('The integration.'),
    }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  update: defineRoute({
    method: 'PATCH',
    path: '/integrations/:uniqueKey',
    summary: 'Change one integration',
    description:
      'What is not sent stays. `credentials` are replaced whole, except a webhook secret that is left out; `integration_config` and `custom` are merged.',
    caller: 'apiKey',
    scope: ['environment:integrations:update'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: Nothing,
    body: z.strictObject({
      unique_key: ProviderConfigKey.optional().describe('The new key. It can change only while the integration has no connections.'),
      ...settings,
    }),
    answer: created.answer,
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/integrations/:uniqueKey',
    summary: 'Delete one integration with its connections',
    caller: 'apiKey',
    scope: ['environment:integrations:delete'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: Nothing,
    answer: Success,
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  functions: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions',
    summary: 'List the functions deployed for one integration',
    caller: 'apiKey',
    scope: ['environment:functions:list'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: z.strictObject({
      type: FunctionType.describe('Only functions of this type.'),
      search: z.string().trim().min(1).max(255).optional().describe('Only functions with this text in their name.'),
      page: z.coerce.number().int().min(0).default(0).describe('The page, from 0. Default 0.'),
      limit: z.coerce.number().int().min(1).max(100).default(20).describe('Functions a page, 1 to 100. Default 20.'),
    }),
    answer: z.object({
      data: z.array(FunctionSummary).describe('By type, then by name.'),
      pagination: z
        .object({
          total: z.number().describe('How many there are on all pages.'),
          page: z.number().describe('This page.'),
          limit: z.number().describe('The most a page holds.'),
        })
        .describe('Where this page stands.'),
    }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  functionCode: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name/code',
    summary: 'Read the source of one deployed function',
    caller: 'apiKey',
    scope: ['environment:functions:read'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey, name: FunctionName }),
    query: z.strictObject({
      type: FunctionType.describe('Which one, where several types share the name; without it that is 409.'),
      version: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .describe('Of an earlier version, by its number; of a function that was deleted, too. Default: the one that runs.'),
    }),
    answer: z.object({
      type: z.string().describe('The type of the function.'),
      code: z.string().describe('Its source, in TypeScript.'),
      files: z
        .record(z.string(), z.string())
        .optional()
        .describe("Relative files that it imports: source text by path from the project's folder. Only where its deployment sent them."),
    }),
    problems: ['unknown_provider_config', 'not_found', 'ambiguous_function'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  clientMetadata: defineRoute({
    method: 'GET',
    path: '/oauth/client-metadata/:environmentUuid/:providerConfigKey',
    summary: 'What authorization servers read of the OAuth client of an integration',
    description:
      'An OAuth Client ID Metadata Document. Its own address is the client id, for MCP servers that take such a client instead of registering one. Only where this server has a public https address.',
    caller: 'public',
    params: z.strictObject({
      environmentUuid: z
        .uuid()
        .describe('The UUID of the environment.')
        .meta({ examples: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'] }),
      providerConfigKey: ProviderConfigKey,
    }),
    query: Nothing,
    answer: z.object({
      client_id: z.string().describe('The address of this document.'),
      client_name: z.string().describe('What people see who are asked to consent.'),
      client_uri: z.string().describe('A page about the client.'),
      logo_uri: z.string().optional().describe('Its logo.'),
      redirect_uris: z.array(z.string()).describe('Where people are sent back to.'),
      grant_types: z.array(z.string()).describe('The grants it uses.'),
      response_types: z.array(z.string()).describe('What it asks the authorization endpoint for.'),
      token_endpoint_auth_method: z.string().describe('How it authenticates: not at all, since it is public.'),
    }),
    problems: ['unknown_environment', 'unknown_provider_config'],
    wording: { unknown_provider_config: { status: 404 } },
  }),
  /** Older clients read an integration here. */
  legacy: defineRoute({
    method: 'GET',
    path: '/config/:providerConfigKey',
    summary: 'Read one integration in the older form',
    caller: 'apiKey',
    scope: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    params: z.strictObject({ providerConfigKey: ProviderConfigKey }),
    query: z.object({
      include_creds: Flag.optional().describe(
        'Add the app at the provider and the connections. Needs the right to read credentials. Default false.',
      ),
    }),
    answer: z.object({
      config: z
        .looseObject({
          unique_key: z.string().describe('The key you gave it.'),
          provider: z.string().describe('The provider of the catalogue that it configures.'),
        })
        .describe('The integration.'),
    }),
    problems: ['unknown_provider_config', 'unknown_provider_template'],
    wording: { unknown_provider_template: { status: 400 } },
  }),
};
