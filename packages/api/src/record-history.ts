/** The history of records, an addition of Bowline's: for models that an environment names, versions that a change replaced are kept for some days. */
import * as z from 'zod';
import { ConnectionHeaders, Model, Name, Nothing } from './fields.ts';
import { SyncedRecord } from './records.ts';
import { defineRoute } from './route.ts';

export const HistoryRule = z
  .strictObject({
    model: Model,
    keep_days: z.number().int().min(1).max(3650).describe('How long a version is kept after it was replaced, in days, 1 to 3,650.'),
  })
  .describe('A model whose earlier versions are kept, in every connection of the environment.');
export type HistoryRule = z.output<typeof HistoryRule>;

const Rules = z.array(HistoryRule).max(200);

export const recordHistory = {
  versions: defineRoute({
    method: 'GET',
    path: '/records/history',
    summary: 'Read all versions that are kept of one record, newest first',
    description:
      'The first is the record as it is now. A version that was replaced before its model had a history, or longer ago than versions are kept, is not there. A deletion is a version, too.',
    caller: 'apiKey',
    scope: ['environment:records:read'],
    query: z.strictObject({
      model: Model,
      variant: Name.optional().meta({ description: 'The variant of the sync that saved it. Default `base`.', examples: ['base'] }),
      id: z.string().min(1).max(256).describe('The id of the record.'),
      cursor: z.string().min(1).max(1000).optional().describe('Read on behind this place: `next_cursor` of a page.'),
      limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Versions a page, 1 to 1,000. Default 100.'),
    }),
    headers: ConnectionHeaders,
    answer: z.object({
      records: z.array(SyncedRecord).describe('Newest first. `_nango_metadata.last_modified_at` says since when it was so.'),
      next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last.'),
    }),
    problems: ['unknown_provider_config', 'unknown_connection', 'invalid_cursor'],
    wording: { unknown_provider_config: { code: 'unknown_connection' } },
  }),
  settings: defineRoute({
    method: 'GET',
    path: '/records/history-settings',
    summary: 'Which models have a history',
    caller: 'apiKey',
    scope: ['environment:records:read'],
    query: Nothing,
    answer: z.object({ data: Rules.describe('By model.') }),
    problems: [],
  }),
  updateSettings: defineRoute({
    method: 'PUT',
    path: '/records/history-settings',
    summary: 'Replace which models have a history',
    description:
      'What a change replaces is kept from this moment on. A model that is no longer named keeps nothing more, and what was kept of it is removed within some minutes.',
    caller: 'apiKey',
    scope: ['environment:records:write'],
    query: Nothing,
    body: z.strictObject({ models: Rules.describe('All models that are to have one; of two of a name the last counts.') }),
    answer: z.object({ data: Rules.describe('As they are now.') }),
    problems: [],
  }),
};
