/** Records: the cache of synced objects, read by cursor. */
import * as z from 'zod';
import { ConnectionHeaders, Model, Name, Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

export const RecordMetadata = z.object({
  first_seen_at: z.string(),
  last_modified_at: z.string(),
  last_action: z.enum(['ADDED', 'UPDATED', 'DELETED']),
  deleted_at: z.string().nullable(),
  pruned_at: z.string().nullable(),
  cursor: z.string(),
});
/** The author's fields, the external id as text, and what we know of the record. */
export const SyncedRecord = z.looseObject({ id: z.string(), _nango_metadata: RecordMetadata });
export type SyncedRecord = z.infer<typeof SyncedRecord>;

const changes = ['added', 'updated', 'deleted'] as const;
export type Change = (typeof changes)[number];
const Cursor = z.string().min(1).max(1000);
const YEAR_MS = 365 * 24 * 3600 * 1000;

const ModifiedAfter = z.iso
  .datetime()
  .refine((at) => Date.parse(at) > Date.now() - YEAR_MS, 'Must not be older than 365 days')
  .transform((at) => new Date(at));

export const ListQuery = z.strictObject({
  model: Model,
  variant: Name.optional(),
  cursor: Cursor.optional(),
  modified_after: ModifiedAfter.optional(),
  delta: ModifiedAfter.optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  filter: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()))
    .pipe(z.array(z.enum(changes)))
    .optional(),
  ids: z
    .union([z.string().transform((id) => [id]), z.array(z.string())])
    .pipe(z.array(z.string().min(1).max(256)).max(100))
    .optional(),
});
export type ListQuery = z.output<typeof ListQuery>;

export const records = {
  list: defineRoute({
    method: 'GET',
    path: '/records',
    summary: 'Read the records of one model in the order of their last change',
    caller: 'apiKey',
    scope: ['environment:records:read'],
    query: ListQuery,
    headers: ConnectionHeaders,
    answer: z.object({ records: z.array(SyncedRecord), next_cursor: z.string().nullable() }),
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_cursor'],
    wording: { unknown_provider_config: { code: 'unknown_connection' } },
  }),
  prune: defineRoute({
    method: 'PATCH',
    path: '/records/prune',
    summary: 'Empty the payloads of the records up to a cursor',
    caller: 'apiKey',
    scope: ['environment:records:write'],
    query: Nothing,
    headers: ConnectionHeaders,
    body: z.strictObject({
      model: Model,
      variant: Name.optional(),
      until_cursor: Cursor,
      limit: z.number().int().min(1).max(10_000).default(1000),
    }),
    answer: z.object({ count: z.number(), has_more: z.boolean() }),
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_cursor'],
    wording: { unknown_provider_config: { code: 'unknown_connection' } },
  }),
};
