import { createSync } from 'nango';
import * as z from 'zod';
import { type ProviderItem, toItem } from '../../mappers/item.js';
import { Item, Shop } from '../../models.js';
import { pagesOf, teamOf } from '../mappers/page.js';

const schedule = { frequency: 'every hour', autoStart: false, scopes: ['items:read'] };

const sync = createSync({
  description: 'Items of the shop',
  version: '1.2.0',
  ...schedule,
  models: { Item },
  metadata: Shop,
  checkpoint: z.object({ seen: z.number(), complete: z.boolean() }),
  webhookSubscriptions: ['*'],
  exec: async (nango) => {
    const team = await teamOf(nango);
    const before = await nango.getCheckpoint();
    await nango.trackDeletesStart('Item');
    let seen = before?.complete === false ? before.seen : 0;
    for await (const page of nango.paginate<ProviderItem>(pagesOf(team))) {
      await nango.batchSave(page.map(toItem), 'Item');
      seen += page.length;
      await nango.saveCheckpoint({ seen, complete: false });
    }
    await nango.saveCheckpoint({ seen, complete: true });
    await nango.trackDeletesEnd('Item');
    await nango.log(`saw ${seen}`, { team });
  },
  onWebhook: async (nango, payload) => {
    await nango.batchSave([toItem(payload.item)], 'Item');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
