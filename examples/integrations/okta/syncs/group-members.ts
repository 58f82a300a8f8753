/** Who is in which group, in full: one record for each pair. Most apps care for few groups, so the customer may name them. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { listGroups } from '../groups.js';

const GroupMember = z.object({ id: z.string().describe('group:user'), group_id: z.string(), user_id: z.string() });

const Member = z.object({ id: z.string() });

const sync = createSync({
  description: 'Members of all groups, or of those the customer names',
  version: '1.0.0',
  frequency: 'every hour',
  scopes: ['okta.groups.read'],
  models: { GroupMember },
  /** Names of groups; all when left out. */
  metadata: z.object({ groups: z.array(z.string()).optional() }),

  exec: async (nango) => {
    const { groups: wanted } = (await nango.getMetadata()) ?? {};
    await nango.trackDeletesStart('GroupMember');
    for await (const groups of listGroups(nango)) {
      for (const { id: group_id } of groups.filter(({ profile }) => wanted?.includes(profile.name) ?? true)) {
        const pages = nango.paginate({ endpoint: `/api/v1/groups/${group_id}/users`, paginate: { limit: 200 }, retries: 3 });
        for await (const page of pages) {
          const members = z.array(Member).parse(page);
          await nango.batchSave(
            members.map(({ id: user_id }) => ({ id: `${group_id}:${user_id}`, group_id, user_id })),
            'GroupMember',
          );
        }
      }
    }
    await nango.trackDeletesEnd('GroupMember');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
