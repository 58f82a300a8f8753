/** Routes only the dashboard uses. Everything else it does goes through the public routes, with `X-Bowline-Environment` naming the environment. */
import * as z from 'zod';
import { AppearanceSettings } from './connect-ui.ts';
import { DeletionGuard } from './deletion-guard.ts';
import { ConnectionId, InIntegration, JsonObject, Nothing, ProviderConfigKey, RowIdText, Success, WebhookUrl } from './fields.ts';
import { defineRoute } from './route.ts';
import { waitingFor } from './syncs.ts';

const EnvironmentSummary = z.object({ id: z.number(), uuid: z.string(), name: z.string(), is_production: z.boolean() });
const Session = z.object({
  member: z.object({ email: z.string(), name: z.string() }),
  environments: z.array(EnvironmentSummary),
  /** Where the API answers, for the code samples. */
  api_url: z.string(),
  version: z.string(),
});
export type Session = z.infer<typeof Session>;

const NewApiKey = z.strictObject({
  display_name: z.string().trim().min(1).max(255),
  /** Everything when absent. */
  scopes: z.array(z.string()).min(1).max(100).optional(),
});
const ApiKey = z.object({
  id: z.number(),
  display_name: z.string(),
  /** The key itself; shown to members, who may copy it. */
  secret: z.string(),
  scopes: z.array(z.string()),
  /** `config`: set by BOWLINE_SECRET_KEY_<ENV> or BOWLINE_ACCOUNT_KEY, so it can't be deleted here. */
  source: z.enum(['default', 'created', 'config']),
  last_used_at: z.string().nullable(),
  created_at: z.string(),
});
export type ApiKey = z.infer<typeof ApiKey>;
export const WebhookSettings = z.object({
  primary_url: WebhookUrl,
  secondary_url: WebhookUrl,
  on_auth_creation: z.boolean(),
  on_auth_refresh_error: z.boolean(),
  on_auth_refresh_recovered: z.boolean(),
  on_sync_completion_always: z.boolean(),
  on_sync_error: z.boolean(),
  on_async_action_completion: z.boolean(),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;
export const validationModes = ['off', 'warn', 'fail'] as const;
export type ValidationMode = (typeof validationModes)[number];
/** What happens to values that do not fit the schemas of the functions: nothing, a line in the log of the run, or the end of it. */
export const Validation = z.strictObject({
  /** Of actions, and the metadata of the connection for syncs that declare it. */
  inputs: z.enum(validationModes),
  outputs: z.enum(validationModes),
  records: z.enum(validationModes),
});
export type Validation = z.infer<typeof Validation>;
const Variable = z.strictObject({ name: z.string().min(1).max(256), value: z.string().max(16_384) });
const EnvironmentSettings = EnvironmentSummary.extend({
  callback_url: z.string(),
  webhook_signing_key: z.string(),
  /** The same as libraries of standardwebhooks.com take it. */
  webhook_secret: z.string(),
  webhooks: WebhookSettings,
  deletion_guard: DeletionGuard,
  validation: Validation,
  api_keys: z.array(ApiKey),
  variables: z.array(Variable),
});
export type EnvironmentSettings = z.infer<typeof EnvironmentSettings>;

/** A sync as the dashboard shows it. */
export const SyncDetail = z.object({
  id: z.string(),
  name: z.string(),
  variant: z.string(),
  provider_config_key: z.string(),
  connection_id: z.string(),
  models: z.array(z.string()),
  state: z.enum(['running', 'queued', 'paused', 'success', 'error', 'never_run']),
  paused: z.boolean(),
  frequency: z.string(),
  frequency_is_own: z.boolean(),
  next_run_at: z.string().nullable(),
  /** Set while it is due and waits for room. */
  waiting_since: z.string().nullable(),
  /** Whose room it waits for; null: it is next. */
  waiting_for: z.enum(waitingFor).nullable(),
  last_run: z
    .object({
      id: z.number(),
      due_at: z.string().nullable(),
      /** From then until it began. */
      late_by_ms: z.number().nullable(),
      /** Slots of the schedule that passed before it without a run. */
      missed: z.number(),
      state: z.enum(['queued', 'running', 'success', 'failed', 'cancelled']),
      started_at: z.string().nullable(),
      ended_at: z.string().nullable(),
      counts: z.record(z.string(), z.object({ added: z.number(), updated: z.number(), deleted: z.number() })),
      error: z.string().nullable(),
      operation_id: z.string().nullable(),
    })
    .nullable(),
  records: z.record(z.string(), z.number()),
  checkpoint: JsonObject.nullable(),
  version: z.string(),
});
export type SyncDetail = z.infer<typeof SyncDetail>;

const Spent = { proxy: z.number(), action: z.number(), sync: z.number(), refused: z.number() };
/** The rate limits of an integration: who spent them in the last 24 hours, and how they stand. */
export const RateLimits = z.object({
  /** Half hours, oldest first. `refused`: answered with "too many", and counted above as well. */
  slots: z.array(z.object({ at: z.string(), ...Spent })),
  /** Those that sent most; null for one that was deleted. `waited_ms`: what its requests waited for the limit, together. */
  connections: z.array(z.object({ connection_id: z.string().nullable(), ...Spent, waits: z.number(), waited_ms: z.number() })),
  /** Those that are near, in the last hour; those that hold come first. */
  limits: z.array(
    z.object({
      connection_id: z.string().nullable(),
      of: z.enum(['connection', 'integration']),
      /** Which of several; empty for the only one. */
      part: z.string(),
      held_until: z.string().nullable(),
      limit: z.number().nullable(),
      remaining: z.number().nullable(),
      ends_at: z.string().nullable(),
      per_second: z.number().nullable(),
    }),
  ),
});
export type RateLimits = z.infer<typeof RateLimits>;

const member = { caller: 'member', query: Nothing } as const;

export const dashboard = {
  signIn: defineRoute({
    method: 'POST',
    path: '/api/session',
    summary: 'Sign in to the dashboard',
    caller: 'public',
    body: z.strictObject({ email: z.string().min(1).max(320), password: z.string().min(1).max(1024) }),
    answer: Session,
    problems: ['wrong_password', 'too_many_sign_ins'],
  }),
  session: defineRoute({ ...member, method: 'GET', path: '/api/session', summary: 'Who is signed in', answer: Session, problems: [] }),
  signOut: defineRoute({ ...member, method: 'DELETE', path: '/api/session', summary: 'Sign out', answer: Success, problems: [] }),
  overview: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/overview',
    summary: 'Counts for the first page',
    answer: z.object({
      integrations: z.number(),
      connections: z.number(),
      connections_failing: z.number(),
      syncs: z.number(),
      /** Due, without a run yet; and since when the longest of them is. */
      syncs_waiting: z.number(),
      syncs_waiting_since: z.string().nullable(),
      records: z.number(),
      functions: z.number(),
      /** The last 24 hours, oldest first; an hour without operations has zeros. */
      hours: z.array(z.object({ at: z.string(), success: z.number(), failed: z.number() })),
    }),
    problems: [],
  }),
  environment: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/environment',
    summary: 'Settings of the environment',
    answer: EnvironmentSettings,
    problems: [],
  }),
  updateEnvironment: defineRoute({
    ...member,
    method: 'PATCH',
    path: '/api/environment',
    summary: 'Change settings of the environment',
    body: z.strictObject({
      callback_url: WebhookUrl.optional(),
      webhooks: WebhookSettings.partial().optional(),
      deletion_guard: DeletionGuard.optional(),
      validation: Validation.partial().optional(),
      variables: z.array(Variable).max(500).optional(),
    }),
    answer: EnvironmentSettings,
    problems: [],
  }),
  connectUi: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/connect-ui',
    summary: 'How the connect page of the environment looks',
    answer: AppearanceSettings,
    problems: [],
  }),
  updateConnectUi: defineRoute({
    ...member,
    method: 'PUT',
    path: '/api/connect-ui',
    summary: 'Change how the connect page looks',
    body: AppearanceSettings,
    answer: AppearanceSettings,
    problems: [],
  }),
  createApiKey: defineRoute({
    ...member,
    method: 'POST',
    path: '/api/environment/api-keys',
    summary: 'Make an API key',
    body: NewApiKey,
    answer: ApiKey,
    problems: ['conflict', 'resource_capped', 'not_found'],
  }),
  deleteApiKey: defineRoute({
    ...member,
    method: 'DELETE',
    path: '/api/environment/api-keys/:id',
    summary: 'Delete an API key; it stops working at once',
    params: z.strictObject({ id: RowIdText }),
    answer: Success,
    problems: ['not_found', 'conflict'],
  }),
  accountKeys: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/account/keys',
    summary: 'The keys of the account',
    answer: z.object({ keys: z.array(ApiKey) }),
    problems: [],
  }),
  createAccountKey: defineRoute({
    ...member,
    method: 'POST',
    path: '/api/account/keys',
    summary: 'Make a key of the account',
    body: NewApiKey,
    answer: ApiKey,
    problems: ['conflict', 'resource_capped'],
  }),
  deleteAccountKey: defineRoute({
    ...member,
    method: 'DELETE',
    path: '/api/account/keys/:id',
    summary: 'Delete a key of the account; it stops working at once',
    params: z.strictObject({ id: RowIdText }),
    answer: Success,
    problems: ['not_found', 'conflict'],
  }),
  connection: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/connections/:connectionId',
    summary: 'One connection with masked credentials, for its page',
    params: z.strictObject({ connectionId: ConnectionId }),
    query: InIntegration,
    answer: z.object({
      id: z.number(),
      connection_id: z.string(),
      provider_config_key: z.string(),
      provider: z.string(),
      auth_mode: z.string(),
      /** Secrets cut to their last characters, such as `••••3f9a`; nothing in it can be used. */
      credentials: JsonObject,
      expires_at: z.string().nullable(),
      last_refreshed_at: z.string().nullable(),
      refresh_error: z.string().nullable(),
      connection_config: JsonObject,
      metadata: JsonObject.nullable(),
      tags: z.record(z.string(), z.string()),
      end_user: JsonObject.nullable(),
      webhook_url_override: z.string().nullable(),
      errors: z.array(z.object({ type: z.enum(['auth', 'sync']), log_id: z.string() })),
      created_at: z.string(),
      updated_at: z.string(),
      last_fetched_at: z.string().nullable(),
    }),
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_connection: { code: 'not_found', status: 404 } },
  }),
  rateLimits: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/integrations/:providerConfigKey/rate-limits',
    summary: 'Who spent the rate limits of an integration, and how they stand',
    params: z.strictObject({ providerConfigKey: ProviderConfigKey }),
    query: z.strictObject({ connection_id: ConnectionId.optional() }),
    answer: RateLimits,
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_connection: { code: 'not_found', status: 404 } },
  }),
  syncs: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/syncs',
    summary: 'The syncs of one connection, or of the environment',
    query: z.strictObject({ connection_id: ConnectionId.optional(), provider_config_key: ProviderConfigKey.optional() }),
    answer: z.object({ syncs: z.array(SyncDetail) }),
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_connection: { code: 'not_found', status: 404 } },
  }),
  models: defineRoute({
    ...member,
    method: 'GET',
    path: '/api/connections/:connectionId/models',
    summary: 'The models this connection has records of',
    params: z.strictObject({ connectionId: ConnectionId }),
    query: InIntegration,
    answer: z.object({
      models: z.array(z.object({ model: z.string(), variant: z.string(), count: z.number(), last_change_at: z.string().nullable() })),
    }),
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_connection: { code: 'not_found', status: 404 } },
  }),
};

/**
 * `GET /api/live` (a member's cookie, `?environment=dev`): server-sent events, each `data: {"topic": LiveTopic, "id"?: string}`.
 * They carry no content: they say what to read again.
 */
export const liveTopics = ['syncs', 'records', 'connections', 'operations', 'integrations', 'environment'] as const;
export type LiveTopic = (typeof liveTopics)[number];
export const LIVE_PATH = '/api/live';
