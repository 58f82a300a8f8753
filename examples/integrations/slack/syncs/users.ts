/** Members of the workspace in full. Slack keeps who has left, marked as deleted: such a member stays a record, with `active` false. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { pages } from '../web-api.js';

const User = z.object({
  id: z.string(),
  name: z.string().describe('The handle'),
  real_name: z.string(),
  email: z.string().nullable().describe('null for apps'),
  title: z.string().nullable(),
  time_zone: z.string().nullable(),
  active: z.boolean(),
  bot: z.boolean(),
  admin: z.boolean(),
  guest: z.boolean().describe('May see only some channels'),
});

const Page = z.object({
  members: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      deleted: z.boolean().nullish(),
      real_name: z.string().nullish(),
      tz: z.string().nullish(),
      is_bot: z.boolean().nullish(),
      is_admin: z.boolean().nullish(),
      is_restricted: z.boolean().nullish(),
      profile: z.object({ real_name: z.string().nullish(), email: z.string().nullish(), title: z.string().nullish() }),
    }),
  ),
});

const sync = createSync({
  description: 'Members of the workspace, apps and those who have left included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['users:read', 'users:read.email'],
  models: { User },

  exec: async (nango) => {
    await nango.trackDeletesStart('User');
    for await (const { members } of pages(nango, 'users.list', Page, { limit: 200 })) {
      await nango.batchSave(members.map(toUser), 'User');
    }
    await nango.trackDeletesEnd('User');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toUser = (member: z.infer<typeof Page>['members'][number]): z.infer<typeof User> => ({
  id: member.id,
  name: member.name,
  real_name: member.profile.real_name || member.real_name || member.name,
  email: member.profile.email ?? null,
  title: member.profile.title || null,
  time_zone: member.tz ?? null,
  active: !member.deleted,
  bot: member.is_bot ?? false,
  admin: member.is_admin ?? false,
  guest: member.is_restricted ?? false,
});
