/** Reads page after page and notes after each how far it came: what a sync does that must survive a crash anywhere. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Row } from '../row.js';

const Page = z.object({ rows: z.array(Row), next: z.number().nullable() });

const sync = createSync({
  description: 'Pages',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Row },
  checkpoint: z.object({ page: z.number() }),
  exec: async (nango) => {
    let page: number | null = (await nango.getCheckpoint())?.page ?? 0;
    while (page !== null) {
      const response = await nango.get({ endpoint: '/rows', params: { page }, retries: 3 });
      const { rows, next } = Page.parse(response.data);
      await nango.batchSave(rows, 'Row');
      page = next;
      if (page !== null) await nango.saveCheckpoint({ page });
    }
    await nango.clearCheckpoint();
  },
});

export default sync;
