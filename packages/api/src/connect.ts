/** Connect: sessions that let a browser make or repair a connection, and the steps the browser walks. */
import * as z from 'zod';
import { ConnectionId, EndUser, JsonObject, Nothing, Organization, ProviderConfigKey, Tags, WebhookUrl } from './fields.ts';
import { defineRoute } from './route.ts';

const Defaults = z.record(
  z.string(),
  z.strictObject({
    user_scopes: z.string().max(4096).optional(),
    authorization_params: z.record(z.string(), z.string()).optional(),
    connection_config: z.looseObject({ oauth_scopes_override: z.string().optional() }).optional(),
  }),
);
const shared = {
  organization: Organization.optional(),
  integrations_config_defaults: Defaults.optional(),
  overrides: z.record(z.string(), z.strictObject({ docs_connect: z.string().max(2048).optional() })).optional(),
  webhook_url_override: WebhookUrl.optional(),
  tags: Tags.optional(),
};

export const SessionRequest = z
  .strictObject({ end_user: EndUser.optional(), allowed_integrations: z.array(ProviderConfigKey).optional(), ...shared })
  .refine((body) => body.end_user ?? body.tags, { path: ['end_user'], message: 'Send end_user, or tags that say who connects' });
export type SessionRequest = z.infer<typeof SessionRequest>;
export const ReconnectRequest = z.strictObject({
  connection_id: ConnectionId,
  integration_id: ProviderConfigKey,
  end_user: EndUser.optional(),
  ...shared,
});
export type ReconnectRequest = z.infer<typeof ReconnectRequest>;

const SessionToken = z.object({ data: z.object({ token: z.string(), connect_link: z.string(), expires_at: z.string() }) });

/** What the browser holds in the query while it connects: nested `params[x]`, `authorization_params[x]`, `credentials[x]`. */
const BrowserQuery = z.looseObject({
  connect_session_token: z.string().optional(),
  connection_id: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
const key = z.strictObject({ providerConfigKey: ProviderConfigKey });
const Connected = z.object({ connectionId: z.string(), providerConfigKey: z.string() });
const byBrowser = {
  method: 'POST',
  caller: 'connectSessionInQuery',
  params: key,
  query: BrowserQuery,
  answer: Connected,
  problems: [
    'unknown_provider_config',
    'unknown_provider_template',
    'invalid_auth_mode',
    'integration_not_allowed',
    'invalid_connection',
    'connection_test_failed',
  ],
  wording: { unknown_provider_config: { status: 404 } },
} as const;

const steps = {
  view: ['list', 'integration', 'unknown_error', 'credentials_error', 'success'],
  click: ['integration', 'doc', 'doc_section', 'connect', 'close', 'finish', 'outside'],
  popup: ['blocked_by_browser', 'closed_early'],
};
const TelemetryEvent = z.enum(['open', ...Object.entries(steps).flatMap(([kind, names]) => names.map((name) => `${kind}:${name}`))]);
const TWO_HOURS_MS = 2 * 3600_000;

export const connect = {
  createSession: defineRoute({
    method: 'POST',
    path: '/connect/sessions',
    summary: 'Make a connect session: short-lived permission for a browser to make connections',
    caller: 'apiKey',
    scope: ['environment:connect_sessions:write'],
    query: Nothing,
    body: SessionRequest,
    answer: SessionToken,
    status: 201,
    problems: [],
  }),
  reconnectSession: defineRoute({
    method: 'POST',
    path: '/connect/sessions/reconnect',
    summary: 'Make a connect session that repairs one connection',
    caller: 'apiKey',
    scope: ['environment:connect_sessions:write'],
    query: Nothing,
    body: ReconnectRequest,
    answer: SessionToken,
    status: 201,
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_provider_config: { code: 'invalid_body' }, unknown_connection: { code: 'invalid_body', status: 400 } },
  }),
  getSession: defineRoute({
    method: 'GET',
    path: '/connect/session',
    summary: 'What this connect session allows',
    caller: 'connectSession',
    query: Nothing,
    answer: z.object({
      data: z.object({
        endUser: JsonObject.nullable(),
        connectUISettings: z.object({
          theme: z.object({ light: z.object({ primary: z.string() }), dark: z.object({ primary: z.string() }) }),
          defaultTheme: z.string(),
          showWatermark: z.boolean(),
        }),
        allowed_integrations: z.array(z.string()).optional(),
        integrations_config_defaults: z.record(z.string(), JsonObject).optional(),
        overrides: z.record(z.string(), JsonObject).optional(),
        isReconnecting: z.boolean().optional(),
        websocketsPath: z.string().optional(),
      }),
    }),
    problems: [],
  }),
  deleteSession: defineRoute({
    method: 'DELETE',
    path: '/connect/session',
    summary: 'End this connect session',
    caller: 'connectSession',
    query: Nothing,
    answer: z.undefined(),
    status: 204,
    problems: [],
  }),
  telemetry: defineRoute({
    method: 'POST',
    path: '/connect/telemetry',
    summary: 'What happens on the connect page, as published clients report it; nothing of it is kept',
    caller: 'public',
    query: Nothing,
    body: z.strictObject({
      token: z.string().max(255).optional(),
      event: TelemetryEvent,
      timestamp: z.coerce.date().refine((at) => Math.abs(at.getTime() - Date.now()) < TWO_HOURS_MS, 'Must be within two hours of now'),
      dimensions: z.strictObject({ integration: z.string().max(255).optional() }).optional(),
    }),
    answer: z.undefined(),
    status: 204,
    problems: ['missing_auth_header', 'invalid_connect_session_token_format', 'unknown_connect_session_token', 'server_error'],
  }),
  apiKey: defineRoute({
    ...byBrowser,
    path: '/api-auth/api-key/:providerConfigKey',
    summary: 'Connect with an API key',
    body: z.strictObject({ apiKey: z.string().min(1).max(1024) }),
  }),
  basic: defineRoute({
    ...byBrowser,
    path: '/api-auth/basic/:providerConfigKey',
    summary: 'Connect with a user name and password',
    body: z.strictObject({ username: z.string().max(1024), password: z.string().max(1024) }),
  }),
  clientCredentials: defineRoute({
    ...byBrowser,
    path: '/oauth2/auth/:providerConfigKey',
    wording: {},
    summary: 'Connect with OAuth 2 client credentials',
    body: z.looseObject({ client_id: z.string().min(1).max(255), client_secret: z.string().min(1).max(2048) }),
  }),
  unauthenticated: defineRoute({
    ...byBrowser,
    path: '/auth/unauthenticated/:providerConfigKey',
    summary: 'Connect to an API that needs no credentials',
    body: z.looseObject({}).optional(),
  }),
};
