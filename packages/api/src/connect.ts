/** Connect: sessions that let a browser make or repair a connection, and the steps the browser walks. */
import * as z from 'zod';
import { attempts } from './connect-attempts.ts';
import { forms } from './connect-forms.ts';
import { AppearanceSettings } from './connect-ui.ts';
import { ConnectionId, EndUser, JsonObject, Nothing, Organization, ProviderConfigKey, Tags, WebhookUrl } from './fields.ts';
import { defineRoute } from './route.ts';

const Defaults = z.record(
  z.string(),
  z.strictObject({
    user_scopes: z.string().max(4096).optional().describe('Scopes of the user, for providers that know them besides those of the app.'),
    authorization_params: z.record(z.string(), z.string()).optional().describe('Parameters to add to the page of the provider.'),
    connection_config: z
      .looseObject({ oauth_scopes_override: z.string().optional().describe('Scopes to ask for instead of those of the integration.') })
      .optional()
      .describe('What the provider needs to know besides credentials, such as a subdomain. The browser cannot change it.'),
  }),
);
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
const shared = {
  organization: Organization.optional().describe('The organization of the end user.'),
  integrations_config_defaults: Defaults.optional().describe(
    'What is set for the browser, by the key of the integration. Each must exist.',
  ),
  overrides: z
    .record(
      z.string(),
      z.strictObject({ docs_connect: z.string().max(2048).optional().describe('Address of a page that explains how to connect.') }),
    )
    .optional()
    .describe('What the connect page shows otherwise, by the key of the integration. Each must exist.'),
  webhook_url_override: WebhookUrl.optional().describe(
    'Where webhooks about the connections go, instead of the address of the environment.',
  ),
  return_origins: z
    .array(z.string().max(255).refine(isOrigin, 'Must be an exact origin such as https://app.example.com: no path, no wildcard'))
    .max(20)
    .optional()
    .describe(
      'Where a browser may be sent back to when it left your page to sign in, instead of opening a popup: exact origins such as `https://app.example.com`, at most 20. Without any, it may not leave the page.',
    ),
  tags: Tags.optional().describe(
    'Texts to find the connections by, besides those made of the end user and the organization; of the same key, these win.',
  ),
};

export const SessionRequest = z
  .strictObject({
    end_user: EndUser.optional().describe('Who connects. Required, unless there are `tags`.'),
    allowed_integrations: z
      .array(ProviderConfigKey)
      .optional()
      .describe('The integrations that may be connected, by key; each must exist. Left out or empty: all.'),
    ...shared,
  })
  .refine((body) => body.end_user ?? body.tags, { path: ['end_user'], message: 'Send end_user, or tags that say who connects' });
export type SessionRequest = z.infer<typeof SessionRequest>;
export const ReconnectRequest = z.strictObject({
  connection_id: ConnectionId.describe('The connection to repair.'),
  integration_id: ProviderConfigKey.describe('The key of its integration, the only one that this session allows.'),
  end_user: EndUser.optional().describe('Who connects. Without it and without tags, those of the connection stay.'),
  require_same_account: z
    .boolean()
    .optional()
    .describe(
      'Refuse a sign-in with another account at the provider than the one connected so far; the connection then stays as it was. Only for providers that name the account. Default: false.',
    ),
  ...shared,
});
export type ReconnectRequest = z.infer<typeof ReconnectRequest>;

const SessionToken = z.object({
  data: z
    .object({
      token: z.string().describe('The token, which you hand to the browser.'),
      connect_link: z
        .string()
        .describe('The connect page of this server, with the token in it. Send a person there who is not in your app.'),
      expires_at: z.string().describe('When it ends: 30 minutes after it was made.'),
    })
    .describe('The new session.'),
});

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
    description:
      'Your backend calls this for a person who is signed in with you, and hands the token to the browser, where the connect page or a frontend client takes it. It is good for 30 minutes and for nothing but this. ' +
      'The connections made with it carry the end user and the tags that you say here.',
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
    description:
      'For a connection whose credentials no longer work, or that needs more scopes. It keeps its id, metadata, records and syncs, and gets new credentials.',
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
      data: z
        .object({
          endUser: JsonObject.nullable().describe('Who connects; null when only tags say so.'),
          connectUISettings: AppearanceSettings.describe('How the connect page looks.'),
          allowed_integrations: z.array(z.string()).optional().describe('The integrations it allows, by key. Left out: all.'),
          integrations_config_defaults: z
            .record(z.string(), JsonObject)
            .optional()
            .describe(
              'What the backend set, by the key of the integration. A secret that is set reads `***`: the browser has no use for it.',
            ),
          overrides: z
            .record(z.string(), JsonObject)
            .optional()
            .describe('What the connect page shows otherwise, by the key of the integration.'),
          isReconnecting: z.boolean().optional().describe('True when it repairs a connection, else left out.'),
          websocketsPath: z.string().optional().describe('Where the browser hears how a popup ended.'),
        })
        .describe('The session.'),
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
  ...attempts,
  telemetry: defineRoute({
    method: 'POST',
    path: '/connect/telemetry',
    summary: 'What happens on the connect page, as published clients report it; nothing of it is kept',
    caller: 'public',
    query: Nothing,
    body: z.strictObject({
      token: z.string().max(255).optional().describe('The token of the connect session. Required.'),
      event: TelemetryEvent.describe('What happened on the page.'),
      timestamp: z.coerce
        .date()
        .refine((at) => Math.abs(at.getTime() - Date.now()) < TWO_HOURS_MS, 'Must be within two hours of now')
        .describe('When it happened, within two hours of now.'),
      dimensions: z
        .strictObject({ integration: z.string().max(255).optional().describe('The key of the integration.') })
        .optional()
        .describe('What it was about.'),
    }),
    answer: z.undefined(),
    status: 204,
    problems: ['missing_auth_header', 'invalid_connect_session_token_format', 'unknown_connect_session_token', 'server_error'],
  }),
  ...forms,
};
