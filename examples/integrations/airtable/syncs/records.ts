/**
 * Records of the tables the customer chose, in full: Airtable does not tell what was deleted. Nothing is read until tables are chosen, so the
 * app starts the sync when they are.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { baseId } from '../refusal.js';

const Record = z.object({
  id: z.string(),
  base_id: z.string(),
  table: z.string().describe('As the customer chose it: a name or an id'),
  fields: z.record(z.string(), z.unknown()).describe("By the fields' names; Airtable leaves empty ones out"),
  created_at: z.string(),
});

const AirtableRecord = z.object({ id: z.string(), createdTime: z.string(), fields: z.record(z.string(), z.unknown()) });

const Metadata = z.object({
  tables: z.array(z.object({ base: baseId, table: z.string().min(1), view: z.string().optional() })).min(1),
});

const sync = createSync({
  description: 'Records of the tables the customer chose',
  version: '1.0.0',
  frequency: 'every hour',
  scopes: ['data.records:read'],
  models: { Record },
  metadata: Metadata,

  exec: async (nango) => {
    const chosen = Metadata.safeParse(await nango.getMetadata());
    if (!chosen.success) {
      const example = { tables: [{ base: 'app0123456789abcd', table: 'Contacts' }] };
      throw new nango.ActionError({ message: "Store the tables to read in the connection's metadata, as in the example.", example });
    }
    await nango.trackDeletesStart('Record');
    for (const { base, table, view } of chosen.data.tables) {
      const pages = nango.paginate({
        endpoint: `/v0/${base}/${encodeURIComponent(table)}`,
        params: view === undefined ? {} : { view },
        paginate: { limit: 100 },
        retries: 3,
      });
      for await (const page of pages) {
        const records = z.array(AirtableRecord).parse(page);
        await nango.batchSave(
          records.map(({ id, createdTime, fields }) => ({ id, base_id: base, table, fields: lasting(fields), created_at: createdTime })),
          'Record',
        );
      }
    }
    await nango.trackDeletesEnd('Record');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const Attachments = z
  .array(z.object({ id: z.string().startsWith('att'), filename: z.string(), size: z.number(), type: z.string() }))
  .min(1);

/** The addresses of attachments change every two hours; with them every record would count as changed. */
const lasting = (fields: { [name: string]: unknown }): { [name: string]: unknown } =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Attachments.safeParse(value).data ?? value]));
