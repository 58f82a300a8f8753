/**
 * Rows of the databases that the customer chose, in full: unlike a search, a query of a database gives every row, so that deletions are seen.
 * If one database cannot be read the run fails before anything counts as deleted.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { NotionPage, plainValue, titleOf } from '../content.js';

const Row = z.object({
  id: z.string(),
  database_id: z.string(),
  title: z.string(),
  values: z.record(z.string(), z.unknown()).describe('By the name of the column'),
  url: z.string(),
  created_at: z.string(),
  edited_at: z.string(),
});

const sync = createSync({
  description: 'Rows of the databases you choose, with their values; deletions included',
  version: '1.0.0',
  frequency: 'every 30 minutes',
  // Nothing is read before the app has stored the customer's databases on the connection.
  autoStart: false,
  models: { Row },
  metadata: z.object({
    /** Ids, see the sync `databases`. */
    databases: z.array(z.string()),
  }),

  exec: async (nango) => {
    const { databases = [] } = (await nango.getMetadata()) ?? {};
    if (databases.length === 0)
      await nango.log('No databases are chosen: store { databases: [ids] } as metadata of the connection.', { level: 'warn' });
    await nango.trackDeletesStart('Row');
    for (const database of databases) {
      const endpoint = `/v1/databases/${encodeURIComponent(database)}/query`;
      for await (const page of nango.paginate({ endpoint, method: 'POST', paginate: { limit: 100 }, retries: 3 })) {
        const rows = z.array(NotionPage).parse(page);
        await nango.batchSave(
          rows.map((row) => toRow(row, database)),
          'Row',
        );
      }
    }
    await nango.trackDeletesEnd('Row');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toRow = (row: NotionPage, database: string): z.infer<typeof Row> => ({
  id: row.id,
  database_id: database,
  title: titleOf(row),
  values: Object.fromEntries(Object.entries(row.properties).map(([name, property]) => [name, plainValue(property)])),
  url: row.url,
  created_at: row.created_time,
  edited_at: row.last_edited_time,
});
