/** Groups, in full, so that deleted ones are removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { listGroups } from '../groups.js';

const Group = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  type: z.string().describe('OKTA_GROUP, APP_GROUP (imported from an app) or BUILT_IN'),
  created_at: z.string(),
  updated_at: z.string().describe("When the group's profile changed, not its members"),
});

const sync = createSync({
  description: 'Groups, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['okta.groups.read'],
  models: { Group },

  exec: async (nango) => {
    await nango.trackDeletesStart('Group');
    for await (const page of listGroups(nango)) {
      const groups = page.map(({ id, type, created, lastUpdated, profile: { name, description } }) => ({
        id,
        name,
        description: description ?? null,
        type,
        created_at: created,
        updated_at: lastUpdated,
      }));
      await nango.batchSave(groups, 'Group');
    }
    await nango.trackDeletesEnd('Group');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
