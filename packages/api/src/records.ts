/** Records: the cache of synced objects, read by cursor. */
import * as z from 'zod';
import { ConnectionHeaders, Model, Name, Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

export const RecordMetadata = z.object({
  first_seen_at: z.string().describe('When it was saved first, or again after it had been deleted.'),
  last_modified_at: z.string().describe('When it changed last, to the microsecond. Saving the same content again is no change.'),
  last_action: z
    .enum(['ADDED', 'UPDATED', 'DELETED'])
    .describe('The last change, not the history: a record that was added and updated between two reads is `UPDATED`.'),
  deleted_at: z.string().nullable().describe('When it was deleted; null while it exists.'),
  pruned_at: z.string().nullable().describe('When its payload was emptied; null while it is whole.'),
  cursor: z.string().describe('The place behind this record. Send it as `cursor` to read on from here.'),
});
export const SyncedRecord = z
  .looseObject({
    id: z.string().describe('The id at the provider, always as text.'),
    _nango_metadata: RecordMetadata.describe('What is known of the record besides the fields that the sync saved.'),
  })
  .describe('A record: the fields that the sync saved, its id, and what is known of it.');
export type SyncedRecord = z.infer<typeof SyncedRecord>;

const changes = ['added', 'updated', 'deleted'] as const;
export type Change = (typeof changes)[number];
const Cursor = z.string().min(1).max(1000);
const Variant = Name.optional().meta({ description: 'The variant of the sync that saved them. Default `base`.', examples: ['base'] });
const YEAR_MS = 365 * 24 * 3600 * 1000;

const ModifiedAfter = z.iso
  .datetime()
  .refine((at) => Date.parse(at) > Date.now() - YEAR_MS, 'Must not be older than 365 days')
  .transform((at) => new Date(at));

export const ListQuery = z
  .strictObject({
    model: Model,
    variant: Variant,
    cursor: Cursor.optional().describe(
      'Read on behind this place: `next_cursor` of a page, or the cursor of a record. Without it from the beginning.',
    ),
    modified_after: ModifiedAfter.optional().describe(
      'Only records that changed at this moment or later: ISO 8601 with `Z`, at most 365 days ago. A cursor is the better way to read only what is new.',
    ),
    delta: ModifiedAfter.optional().describe('The older name of `modified_after`. It wins when both are sent.'),
    as_of: z
      .string()
      .min(1)
      .max(1000)
      .refine((at) => !/^\d{4}-/.test(at) || z.iso.datetime().safeParse(at).success, 'Must be a moment, ISO 8601 with `Z`, or a cursor')
      .optional()
      .meta({
        description:
          'An addition of Bowline: the records as they were at this moment (ISO 8601 with `Z`), or as a reader had seen them who had read up to this cursor. For models with a history; in the order of ids, without what was deleted then. Not together with `modified_after`, `delta` or `filter`.',
        examples: ['2026-11-20T08:00:00Z'],
      }),
    limit: z.coerce.number().int().min(1).max(10_000).default(100).describe('Records a page, 1 to 10,000. Default 100.'),
    filter: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()))
      .pipe(z.array(z.enum(changes)))
      .optional()
      .meta({
        description:
          'Only records whose last change is one of these, separated by commas: `added`, `updated`, `deleted`. Default: all, deleted and pruned ones too.',
        examples: ['added,updated'],
      }),
    ids: z
      .union([z.string().transform((id) => [id]), z.array(z.string())])
      .pipe(z.array(z.string().min(1).max(256)).max(100))
      .optional()
      .describe('Only the records with these ids; repeat the parameter, up to 100 times. An id that is not there is left out.'),
  })
  .refine(({ as_of, modified_after, delta, filter }) => as_of === undefined || (modified_after ?? delta ?? filter) === undefined, {
    message: 'Does not go together with modified_after, delta or filter',
    path: ['as_of'],
  });
export type ListQuery = z.output<typeof ListQuery>;

export const records = {
  list: defineRoute({
    method: 'GET',
    path: '/records',
    summary: 'Read the records of one model in the order of their last change',
    description:
      'A record that changes moves to the end. So read pages until `next_cursor` is null, keep the cursor of the last record, and send it the next time: you meet every change since, deletions included, at least once. ' +
      'A cursor is opaque and stays good after its record changed, was pruned or was deleted. A model without records is an empty page, not an error.',
    caller: 'apiKey',
    scope: ['environment:records:read'],
    query: ListQuery,
    headers: ConnectionHeaders,
    answer: z.object({
      records: z.array(SyncedRecord).describe('Oldest change first. A pruned record has its `id` and `_nango_metadata` only.'),
      next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page. Null on the last page.'),
    }),
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_cursor', 'history_not_kept'],
    wording: { unknown_provider_config: { code: 'unknown_connection' } },
  }),
  prune: defineRoute({
    method: 'PATCH',
    path: '/records/prune',
    summary: 'Empty the payloads of the records up to a cursor',
    description:
      'For records that your app has taken over and need not be kept here. The oldest are emptied first; their ids, times and cursors stay, so readers still meet them. Repeat the call while `has_more` is true.',
    caller: 'apiKey',
    scope: ['environment:records:write'],
    query: Nothing,
    headers: ConnectionHeaders,
    body: z.strictObject({
      model: Model,
      variant: Variant,
      until_cursor: Cursor.describe('The last record to empty, by its cursor; it is emptied too.'),
      limit: z.number().int().min(1).max(10_000).default(1000).describe('The most to empty in this call, 1 to 10,000. Default 1000.'),
    }),
    answer: z.object({
      count: z.number().describe('How many were emptied by this call.'),
      has_more: z.boolean().describe('Whether records up to the cursor are left to empty.'),
    }),
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_cursor'],
    wording: { unknown_provider_config: { code: 'unknown_connection' } },
  }),
};
