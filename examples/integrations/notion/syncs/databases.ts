/**
 * Databases that were shared with the app, with their columns: what an app needs to let people choose one. Notion does not promise that a search
 * is complete, so nothing is concluded from what it leaves out.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Parent, Property, parentId, textOf } from '../content.js';

const Database = z.object({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  parent_id: z.string().nullable(),
  columns: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
  edited_at: z.string(),
});

const NotionDatabase = z.object({
  id: z.string(),
  title: z.unknown(),
  url: z.string(),
  parent: Parent,
  properties: z.record(z.string(), Property),
  last_edited_time: z.string(),
});

const sync = createSync({
  description: 'Databases that were shared with the app, and their columns',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  models: { Database },

  exec: async (nango) => {
    const data = { filter: { property: 'object', value: 'database' } };
    // Pages as the catalogue says: by start_cursor, which for POST goes into the body.
    for await (const page of nango.paginate({ endpoint: '/v1/search', method: 'POST', data, paginate: { limit: 100 }, retries: 3 })) {
      await nango.batchSave(z.array(NotionDatabase).parse(page).map(toDatabase), 'Database');
    }
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toDatabase = (database: z.infer<typeof NotionDatabase>): z.infer<typeof Database> => ({
  id: database.id,
  title: textOf(database.title),
  url: database.url,
  parent_id: parentId(database.parent),
  // In the order of their names: Notion promises none.
  columns: Object.entries(database.properties)
    .map(([name, { id, type }]) => ({ id, name, type }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  edited_at: database.last_edited_time,
});
