/**
 * Pages that were shared with the app, incrementally: newest change first, until one is older than the last run. Notion rounds times of changes
 * down to the minute, which the overlap allows for. Pages that were deleted or are shared no longer simply are in no search any more; and Notion
 * does not promise that a search is complete, so nothing is concluded from what it leaves out.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { NotionPage, parentId, titleOf } from '../content.js';

const Page = z.object({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  parent_type: z.string().describe('workspace, page_id, database_id or block_id'),
  parent_id: z.string().nullable(),
  created_at: z.string(),
  edited_at: z.string(),
});

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Titles and places of the pages that were shared with the app, as they change',
  version: '1.0.0',
  frequency: 'every 10 minutes',
  autoStart: true,
  models: { Page },
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const pages = nango.paginate({
      endpoint: '/v1/search',
      method: 'POST',
      data: { filter: { property: 'object', value: 'page' }, sort: { timestamp: 'last_edited_time', direction: 'descending' } },
      paginate: { limit: 100 },
      retries: 3,
    });
    for await (const found of pages) {
      const all = z.array(NotionPage).parse(found);
      const changed = all.filter(({ last_edited_time: at }) => since === undefined || Date.parse(at) >= Date.parse(since));
      await nango.batchSave(changed.filter(({ archived }) => !archived).map(toPage), 'Page');
      if (changed.length < all.length) break;
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPage = (page: NotionPage): z.infer<typeof Page> => ({
  id: page.id,
  title: titleOf(page),
  url: page.url,
  parent_type: page.parent.type,
  parent_id: parentId(page.parent),
  created_at: page.created_time,
  edited_at: page.last_edited_time,
});
