/** A full crawl, page by page with a checkpoint after each, that tells its upstream before and after each thing that is stored, so that a test can end it there. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Row } from '../row.js';

const Page = z.object({ rows: z.array(Row), pages: z.number() });

const sync = createSync({
  description: 'Steps',
  version: '1.0.0',
  frequency: 'every day',
  autoStart: false,
  models: { Step: Row },
  checkpoint: z.object({ page: z.number(), pages: z.number() }),
  exec: async (nango) => {
    const by = nango.connectionId;
    const tell = (point: string, page: number) => nango.get({ endpoint: '/at', params: { by, point, page } });
    await nango.trackDeletesStart('Step');
    let { page, pages } = (await nango.getCheckpoint()) ?? { page: 0, pages: 1 };
    for (; page < pages; page++) {
      const { data } = await nango.get({ endpoint: '/rows', params: { by, page } });
      const answer = Page.parse(data);
      pages = answer.pages;
      await tell('read', page);
      await nango.batchSave(answer.rows, 'Step');
      await tell('saved', page);
      await nango.saveCheckpoint({ page: page + 1, pages });
      await tell('stored', page);
    }
    // In this order: a run that ends in between crawls again. The other way round it would take all it does not meet for deleted.
    await nango.clearCheckpoint();
    await tell('ended', page);
    await nango.trackDeletesEnd('Step');
  },
});

export default sync;
