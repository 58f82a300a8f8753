/** Syncs: one sync function kept running for one connection. */
import * as z from 'zod';
import { ConnectionId, JsonObject, Model, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
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
export const SyncName = z
  .union([
    SyncNameText,
    z.object({ name: Name.describe('The name of the sync.'), variant: Name.default('base').describe('Its variant. Default `base`.') }),
  ])
  .meta({ examples: ['issues'] });
export type SyncName = z.output<typeof SyncName>;

export const waitingFor = ['connection', 'integration', 'environment', 'first_runs', 'machine'] as const;
export type WaitingFor = (typeof waitingFor)[number];
export const syncStates = ['RUNNING', 'PAUSED', 'SUCCESS', 'ERROR', 'STOPPED'] as const;
const Counts = z.object({
  added: z.number().describe('Records that were not there before.'),
  updated: z.number().describe('Records whose content changed.'),
  deleted: z.number().describe('Records that were marked as deleted.'),
});
export type Counts = z.infer<typeof Counts>;

export const SyncStatus = z
  .object({
    id: z.string().describe('Names this sync of this connection, a UUID.'),
    connection_id: z.string().describe('The connection it runs for.'),
    name: z.string().describe('The name of the function.'),
    variant: z.string().describe('`base`, or the variant that was created.'),
    type: z.enum(['INITIAL', 'INCREMENTAL']).describe('`INITIAL` until a run succeeded, and again after a reset.'),
    status: z
      .enum(syncStates)
      .describe(
        '`RUNNING` from when it is given a run, or is triggered, until that ends; else `PAUSED`, `ERROR` when the last run failed, `SUCCESS` when it did not or there was none yet.',
      ),
    frequency: z.string().describe('How often it runs, such as `1h` or `5 minutes`: its own where it has one, else that of the function.'),
    finishedAt: z.string().optional().describe('When the last run ended. Left out while one is running, and before the first.'),
    nextScheduledSyncAt: z.string().nullable().describe('When it runs next; null while it is paused.'),
    latestExecutionStatus: z
      .string()
      .optional()
      .describe('How the last run stands: `RUNNING`, `SUCCESS`, or `STOPPED` when it failed or was cancelled. Left out before the first.'),
    latestResult: z.record(z.string(), Counts).optional().describe('What the last run changed, by model. Left out before the first.'),
    recordCount: z.record(z.string(), z.number()).describe('Records that exist now, by model; deleted ones do not count.'),
    checkpoint: JsonObject.nullable().describe('Where the function said it would go on; null when it keeps none.'),
    lateness: z
      .object({
        dueAt: z.string().nullable().describe('When the last run should have begun. Null before the first.'),
        startedAt: z.string().nullable().describe('When it began. Null before the first, and while it is queued.'),
        lateByMs: z.number().nullable().describe('The time between the two, in milliseconds.'),
        missed: z.number().describe('Turns of the schedule that passed before it without a run; it made up for all of them at once.'),
        waitingSince: z.string().nullable().describe('Set while a run is due and waits for room: since when.'),
        waitingFor: z
          .enum(waitingFor)
          .nullable()
          .describe(
            'Whose room it waits for: its connection, integration or environment runs as many at once as it may, all first runs together do (`first_runs`), or the processes are full or none runs syncs (`machine`). Null when it does not wait, and when it is next.',
          ),
      })
      .describe('Whether it keeps its schedule.'),
  })
  .describe('How one sync of one connection is doing.');
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
const namesOfSyncs = 'The syncs: `"name"`, `"name::variant"` or `{ name, variant }`. An empty list means all.';
const oneOrAll = ConnectionId.optional().describe('The connection. Without it, all connections of the integration.');
const switching = z.strictObject({
  syncs: z.array(SyncName).max(256).describe(namesOfSyncs),
  provider_config_key: ProviderConfigKey,
  connection_id: oneOrAll,
});
const VariantBody = z.strictObject({ provider_config_key: ProviderConfigKey, connection_id: ConnectionId });
const variant = {
  path: '/sync/:name/variant/:variant',
  caller: 'apiKey',
  params: z.strictObject({
    name: Name.describe('The name of the sync.'),
    variant: Name.meta({
      description: 'The name of the variant. `base` is the sync itself and cannot be taken or deleted.',
      examples: ['archived'],
    }),
  }),
  query: Nothing,
  body: VariantBody,
} as const;

/** What the call did to each sync; one that runs already is left to finish. */
export const Triggered = z.object({
  connection_id: z.string().describe('The connection.'),
  name: z.string().describe('The name of the sync.'),
  variant: z.string().describe('Its variant.'),
  outcome: z.enum(['started', 'already_running']).describe('`already_running`: a run was under way and was left to finish.'),
});
export type Triggered = z.infer<typeof Triggered>;

export const HeldDeletions = z
  .object({
    connection_id: z.string().describe('The connection.'),
    provider_config_key: z.string().describe('The integration.'),
    model: z.string().describe('The model.'),
    variant: z.string().describe('The variant of the sync.'),
    count: z.number().describe('Records that the run did not meet, and that were not deleted.'),
    of: z.number().describe('Records of the model that exist, those included.'),
    reason: z
      .enum(['many_records', 'failed_requests'])
      .describe(
        '`many_records`: more than the environment lets a run delete by itself. `failed_requests`: requests of the run failed and it went on, so it cannot know.',
      ),
    held_at: z.string().describe('When a run did not meet them first.'),
    examples: z.array(z.string()).describe('Up to ten of their ids.'),
  })
  .describe('Deletions of one model that wait for a word.');
export type HeldDeletions = z.infer<typeof HeldDeletions>;

const deciding = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:syncs:execute'],
  query: Nothing,
  body: z.strictObject({
    provider_config_key: ProviderConfigKey,
    connection_id: ConnectionId,
    model: Model,
    variant: Name.default('base').describe('The variant of the sync. Default `base`.'),
  }),
  problems: ['unknown_provider_config', 'unknown_connection', 'not_found'],
} as const;

export const syncs = {
  heldDeletions: defineRoute({
    method: 'GET',
    path: '/sync/held-deletions',
    summary: 'List the deletions of a connection that wait for a word',
    description:
      'A run that reads everything and does not meet a record takes it for deleted. Where that would be half of a model and at least 100 records (the environment sets both), or where its own requests failed, nothing is deleted: it is listed here, and the webhook `sync_deletions_held` tells it once. ' +
      'The next run that meets the records, or that misses only a few, settles it by itself.',
    caller: 'apiKey',
    scope: ['environment:syncs:read'],
    query: z.strictObject({ provider_config_key: ProviderConfigKey, connection_id: ConnectionId }),
    answer: z.object({ held: z.array(HeldDeletions).describe('One for each model; empty when nothing waits.') }),
    problems: ['unknown_provider_config', 'unknown_connection'],
  }),
  approveDeletions: defineRoute({
    ...deciding,
    path: '/sync/held-deletions/approve',
    summary: 'Delete what waits',
    description: 'Records that were met again since are not deleted. The app is told by the same webhook as after a run that deletes.',
    answer: z.object({ deleted: z.number().describe('How many were deleted by this call.') }),
  }),
  discardDeletions: defineRoute({
    ...deciding,
    path: '/sync/held-deletions/discard',
    summary: 'Keep what waits',
    description: 'A later run that does not meet the records either holds them again.',
    answer: Success,
  }),
  trigger: defineRoute({
    ...execute,
    path: '/sync/trigger',
    summary: 'Run syncs now, optionally from the start',
    description:
      'Paused syncs run too, once. A sync that is running is left to finish, unless `reset` is asked for: that cancels the run, forgets the checkpoint and the date of the last success, and begins anew. ' +
      'Records stay through a reset, and only those that differ change; with `emptyCache` they are removed first, so all are added again and readers meet no deletions. ' +
      'All names are checked before anything starts.',
    headers: z.object({
      'connection-id': ConnectionId.optional().describe('The connection, when the body names none.'),
      'provider-config-key': ProviderConfigKey.optional().describe('The integration, when the body names none.'),
    }),
    body: z
      .strictObject({
        syncs: z.array(SyncName).max(10_000).describe(namesOfSyncs),
        provider_config_key: ProviderConfigKey.optional().describe('The integration. Required here or as a header; the body wins.'),
        connection_id: oneOrAll,
        opts: z
          .object({
            reset: z.boolean().optional().describe('Begin from the start instead of going on. Default false.'),
            emptyCache: z.boolean().optional().describe('Remove the records first. Needs `reset`. Default false.'),
          })
          .optional()
          .describe('How to run. Without it the sync goes on from where it was.'),
        sync_mode: z
          .enum(['incremental', 'full_refresh', 'full_refresh_and_clear_cache'])
          .optional()
          .describe('The older form of `opts`: nothing, `reset`, or `reset` with `emptyCache`. Not together with `opts`.'),
        full_resync: z.boolean().optional().describe('A still older form: true is `reset`. Not together with `opts`.'),
      })
      .refine((body) => !(body.opts && (body.sync_mode !== undefined || body.full_resync !== undefined)), {
        message: 'Send opts, or the deprecated sync_mode or full_resync, not both',
      }),
    answer: Success.extend({ syncs: z.array(Triggered).describe('What became of each sync.') }),
    problems: [...execute.problems, 'missing_provider_config_key'],
  }),
  pause: defineRoute({
    ...execute,
    path: '/sync/pause',
    summary: 'Stop running syncs on schedule',
    description: 'A run that is under way is cancelled; what it saved stays.',
    body: switching,
  }),
  start: defineRoute({
    ...execute,
    path: '/sync/start',
    summary: 'Run syncs on schedule',
    description: 'A sync whose turn passed while it was paused runs at once; the others at their next turn.',
    body: switching,
  }),
  status: defineRoute({
    method: 'GET',
    path: '/sync/status',
    summary: 'How syncs are doing',
    caller: 'apiKey',
    scope: ['environment:syncs:read'],
    query: z.strictObject({
      syncs: z
        .union([
          z.literal('*'),
          z
            .string()
            .min(1)
            .transform((text) => text.split(',').map((name) => name.trim()))
            .pipe(z.array(SyncNameText)),
        ])
        .meta({
          description: '`*` for all, or names separated by commas, each `name` or `name::variant`. Names that are not there are left out.',
          examples: ['*'],
        }),
      provider_config_key: ProviderConfigKey,
      connection_id: oneOrAll,
    }),
    answer: z.object({ syncs: z.array(SyncStatus).describe('One for each sync and connection.') }),
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
      sync_name: Name.describe('The name of the sync.'),
      sync_variant: Name.default('base').describe('Its variant. Default `base`.'),
      provider_config_key: ProviderConfigKey,
      connection_id: ConnectionId,
      frequency: z
        .string()
        .max(64)
        .nullable()
        .describe('Such as `every 5 minutes`, `1h` or `every day`; from 30 seconds to 31 days. Null: that of the function again.'),
    }),
    answer: z.object({ frequency: z.string().describe('What holds now, in short: `1h` for `every hour`.') }),
    problems: ['unknown_provider_config', 'unknown_connection', 'unknown_sync'],
  }),
  createVariant: defineRoute({
    ...variant,
    method: 'POST',
    summary: 'Run another copy of a sync for one connection, with records of its own',
    description:
      'It has a schedule and a checkpoint of its own and begins at once. A sync has at most 100 variants on one connection, besides `base`.',
    scope: ['environment:syncs:variant:create'],
    answer: z.object({
      id: z.string().describe('Names the new sync, a UUID.'),
      name: z.string().describe('The name of the function.'),
      variant: z.string().describe('The name of the variant.'),
    }),
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
