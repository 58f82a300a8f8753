/** Groups of the tenant as they change; deleted ones are removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, type Item, readDelta } from '../../microsoft/delta.js';

const Group = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  email: z.string().nullable(),
  is_security: z.boolean().describe('May be given access to things'),
  is_microsoft_365: z.boolean().describe('Has a mailbox and a site'),
  is_dynamic: z.boolean().describe('Filled by a rule'),
});

const GraphGroup = z.object({
  id: z.string(),
  displayName: z.string(),
  description: z.string().nullish(),
  mail: z.string().nullish(),
  securityEnabled: z.boolean().nullish(),
  groupTypes: z.array(z.string()).nullish(),
});

const sync = createSync({
  description: 'Groups of the tenant as they change',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['offline_access', 'GroupMember.Read.All'],
  models: { Group },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const first = { endpoint: '/v1.0/groups/delta', params: { $select: Object.keys(GraphGroup.shape).join(',') } };
    await readDelta(nango, first, {
      begin: () => nango.trackDeletesStart('Group'),
      end: () => nango.trackDeletesEnd('Group'),
      save: (items) => nango.batchSave(items.map(toGroup), 'Group'),
      remove: (removed) => nango.batchDelete(removed, 'Group'),
    });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toGroup = (item: Item): z.infer<typeof Group> => {
  const { id, displayName, description, mail, securityEnabled, groupTypes } = GraphGroup.parse(item);
  return {
    id,
    name: displayName,
    description: description ?? null,
    email: mail ?? null,
    is_security: securityEnabled ?? false,
    is_microsoft_365: groupTypes?.includes('Unified') ?? false,
    is_dynamic: groupTypes?.includes('DynamicMembership') ?? false,
  };
};
