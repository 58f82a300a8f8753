/**
 * Channels in full, deletions included: what an app needs to let people choose where it posts. Private channels are listed only where the app
 * was invited. The number of members is left out on purpose: it changes all the time, and each change would be a record updated.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { pages } from '../web-api.js';

const Channel = z.object({
  id: z.string(),
  name: z.string(),
  private: z.boolean(),
  archived: z.boolean(),
  member: z.boolean().describe('The app is in it, and may read and post'),
  topic: z.string(),
  purpose: z.string(),
  created_at: z.string(),
});

const Page = z.object({
  channels: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      is_private: z.boolean(),
      is_archived: z.boolean(),
      is_member: z.boolean().nullish(),
      topic: z.object({ value: z.string() }).nullish(),
      purpose: z.object({ value: z.string() }).nullish(),
      created: z.number(),
    }),
  ),
});

const sync = createSync({
  description: 'Public channels, and private ones the app was invited to; deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['channels:read', 'groups:read'],
  models: { Channel },

  exec: async (nango) => {
    await nango.trackDeletesStart('Channel');
    for await (const { channels } of pages(nango, 'conversations.list', Page, { types: 'public_channel,private_channel', limit: 200 })) {
      await nango.batchSave(channels.map(toChannel), 'Channel');
    }
    await nango.trackDeletesEnd('Channel');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toChannel = (channel: z.infer<typeof Page>['channels'][number]): z.infer<typeof Channel> => ({
  id: channel.id,
  name: channel.name,
  private: channel.is_private,
  archived: channel.is_archived,
  member: channel.is_member ?? false,
  topic: channel.topic?.value ?? '',
  purpose: channel.purpose?.value ?? '',
  created_at: new Date(channel.created * 1000).toISOString(),
});
