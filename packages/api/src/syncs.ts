/** Syncs: one sync function kept running for one connection. */
import * as z from 'zod';
import { ConnectionId, JsonObject, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { defineRoute } from './route.ts';

const byName = z
  .string()
  .min(1)
  .max(511)
  .transform((text) => {
    const [name = '', variant = 'base'] = text.split('::');
    return { name, variant };
  });
const SyncNameText = byName.pipe(z.object({ name: Name, variant: Name }));
/** `"name"`, `"name::variant"` or `{ name, variant }`. */
export const SyncName = z.union([SyncNameText, z.object({ name: Name, variant: Name.default('base') })]);
export type SyncName = z.output<typeof SyncName>;

export const syncStates = ['RUNNING', 'PAUSED', 'SUCCESS', 'ERROR', 'STOPPED'] as const;
const Counts = z.object({ added: z.number(), updated: z.number(), deleted: z.number() });
export type Counts = z.infer<typeof Counts>;

export const SyncStatus = z.object({
  id: z.string(),
  connection_id: z.string(),
  name: z.string(),
  variant: z.string(),
  type: z.enum(['INITIAL', 'INCREMENTAL']),
  status: z.enum(syncStates),
  frequency: z.string(),
  finishedAt: z.string().optional(),
  nextScheduledSyncAt: z.string().nullable(),
  latestExecutionStatus: z.string().optional(),
  latestResult: z.record(z.string(), Counts).optional(),
  recordCount: z.record(z.string(), z.number()),
  checkpoint: JsonObject.nullable(),
});
export type SyncStatus = z.infer<typeof SyncStatus>;

const execute = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:syncs:execute'],
  query: Nothing,
  answer: Success,
  problems: ['unknown_provider_config', 'unknown_connection', 'no_syncs_found'],
  wording: { unknown_connection: { status: 404 } },
} as const;
const switching = z.strictObject({
  syncs: z.array(SyncName).max(256),
  provider_config_key: ProviderConfigKey,
  connection_id: ConnectionId.optional(),
});
const VariantBody = z.strictObject({ provider_config_key: ProviderConfigKey, connection_id: ConnectionId });
const variant = {
  path: '/sync/:name/variant/:variant',
  caller: 'apiKey',
  params: z.strictObject({ name: Name, variant: Name }),
  query: Nothing,
  body: VariantBody,
} as const;

/** What the call did to each sync; one that runs already is left to finish. */
export const Triggered = z.object({
  connection_id: z.string(),
  name: z.string(),
  variant: z.string(),
  outcome: z.enum(['started', 'already_running']),
});
export type Triggered = z.infer<typeof Triggered>;

export const syncs = {
  trigger: defineRoute({
    ...execute,
    path: '/sync/trigger',
    summary: 'Run syncs now, optionally from the start',
    headers: z.object({ 'connection-id': ConnectionId.optional(), 'provider-config-key': ProviderConfigKey.optional() }),
    body: z
      .strictObject({
        syncs: z.array(SyncName).max(10_000),
        provider_config_key: ProviderConfigKey.optional(),
        connection_id: ConnectionId.optional(),
        opts: z.object({ reset: z.boolean().optional(), emptyCache: z.boolean().optional() }).optional(),
        sync_mode: z.enum(['incremental', 'full_refresh', 'full_refresh_and_clear_cache']).optional(),
        full_resync: z.boolean().optional(),
      })
      .refine((body) => !(body.opts && (body.sync_mode !== undefined || body.full_resync !== undefined)), {
        message: 'Send opts, or the deprecated sync_mode or full_resync, not both',
      }),
    answer: Success.extend({ syncs: z.array(Triggered) }),
    problems: [...execute.problems, 'missing_provider_config_key'],
  }),
  pause: defineRoute({ ...execute, path: '/sync/pause', summary: 'Stop running syncs on schedule', body: switching }),
  start: defineRoute({ ...execute, path: '/sync/start', summary: 'Run syncs on schedule', body: switching }),
  status: defineRoute({
    method: 'GET',
    path: '/sync/status',
    summary: 'How syncs are doing',
    caller: 'apiKey',
    scope: ['environment:syncs:read'],
    query: z.strictObject({
      syncs: z.union([
        z.literal('*'),
        z
          .string()
          .min(1)
          .transform((text) => text.split(',').map((name) => name.trim()))
          .pipe(z.array(SyncNameText)),
      ]),
      provider_config_key: ProviderConfigKey,
      connection_id: ConnectionId.optional(),
    }),
    answer: z.object({ syncs: z.array(SyncStatus) }),
    problems: ['unknown_provider_config', 'unknown_connection'],
    wording: { unknown_connection: { code: 'invalid_body', status: 400 } },
  }),
  frequency: defineRoute({
    method: 'PUT',
    path: '/sync/update-connection-frequency',
    summary: 'Give one sync of one connection a frequency of its own; null restores the function’s',
    caller: 'apiKey',
    scope: ['environment:syncs:update'],
    query: Nothing,
    body: z.strictObject({
      sync_name: Name,
      sync_variant: Name.default('base'),
      provider_config_key: ProviderConfigKey,
      connection_id: ConnectionId,
      frequency: z.string().max(64).nullable(),
    }),
    answer: z.object({ frequency: z.string() }),
    problems: ['unknown_provider_config', 'unknown_connection', 'unknown_sync'],
  }),
  createVariant: defineRoute({
    ...variant,
    method: 'POST',
    summary: 'Run another copy of a sync for one connection, with records of its own',
    scope: ['environment:syncs:variant:create'],
    answer: z.object({ id: z.string(), name: z.string(), variant: z.string() }),
    problems: [
      'unknown_provider_config',
      'unknown_connection',
      'unknown_sync',
      'invalid_variant',
      'sync_variant_already_exists',
      'resource_capped',
    ],
  }),
  deleteVariant: defineRoute({
    ...variant,
    method: 'DELETE',
    summary: 'Delete a variant of a sync',
    scope: ['environment:syncs:variant:delete'],
    answer: Success,
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_variant', 'unknown_sync'],
    wording: { unknown_sync: { code: 'not_found', status: 404 } },
  }),
};
