/**
 * Messages of the channels that the customer chose, incrementally. A channel's history is asked for from the start of the last run on, less an
 * hour, so that the edits of what is new are seen too. Older messages that are edited or deleted later, and answers within threads, are not in
 * the history of new messages: an app that needs them subscribes to Slack's `message` events.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { History, Message, toMessage } from '../messages.js';
import { pages } from '../web-api.js';

const overlapSeconds = 3600;
const firstDays = 30;

const sync = createSync({
  description: 'Messages of the channels you choose: those of the last 30 days, then new ones',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  // Nothing is read before the app has stored the customer's channels on the connection.
  autoStart: false,
  scopes: ['channels:history', 'groups:history'],
  models: { Message },
  metadata: z.object({
    /** Ids, as C024BE91L. The app must be in each. After a change the app triggers the sync with `reset`. */
    channels: z.array(z.string()),
  }),
  checkpoint: z.object({ since: z.number() }),

  exec: async (nango) => {
    const { channels = [] } = (await nango.getMetadata()) ?? {};
    // Without a checkpoint: the first run that has channels reads their 30 days.
    if (channels.length === 0) {
      await nango.log('No channels are chosen: store { channels: [ids] } as metadata of the connection.', { level: 'warn' });
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const since = (await nango.getCheckpoint())?.since ?? now - firstDays * 24 * 3600;
    for (const channel of channels) {
      for await (const { messages } of pages(nango, 'conversations.history', History, { channel, oldest: String(since), limit: 200 })) {
        await nango.batchSave(
          messages.map((message) => toMessage(channel, message)),
          'Message',
        );
      }
    }
    await nango.saveCheckpoint({ since: now - overlapSeconds });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
