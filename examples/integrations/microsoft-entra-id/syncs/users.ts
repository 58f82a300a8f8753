/** Users of the tenant as they change, guests included; deleted ones are removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, type Item, readDelta } from '../../microsoft/delta.js';

const User = z.object({
  id: z.string(),
  principal_name: z.string(),
  display_name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable(),
  job_title: z.string().nullable(),
  department: z.string().nullable(),
  is_enabled: z.boolean(),
  is_guest: z.boolean(),
});

const text = z.string().nullish();
/** A property that was never set is left out of a delta. */
const GraphUser = z.object({
  id: z.string(),
  userPrincipalName: z.string(),
  displayName: text,
  givenName: text,
  surname: text,
  mail: text,
  jobTitle: text,
  department: text,
  accountEnabled: z.boolean().nullish(),
  userType: text,
});

const sync = createSync({
  description: 'Users of the tenant as they change',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['offline_access', 'User.Read.All'],
  models: { User },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const first = { endpoint: '/v1.0/users/delta', params: { $select: Object.keys(GraphUser.shape).join(',') } };
    await readDelta(nango, first, {
      begin: () => nango.trackDeletesStart('User'),
      end: () => nango.trackDeletesEnd('User'),
      save: (items) => nango.batchSave(items.map(toUser), 'User'),
      remove: (removed) => nango.batchDelete(removed, 'User'),
    });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toUser = (item: Item): z.infer<typeof User> => {
  const user = GraphUser.parse(item);
  return {
    id: user.id,
    principal_name: user.userPrincipalName,
    display_name: user.displayName ?? null,
    first_name: user.givenName ?? null,
    last_name: user.surname ?? null,
    email: user.mail ?? null,
    job_title: user.jobTitle ?? null,
    department: user.department ?? null,
    is_enabled: user.accountEnabled ?? true,
    is_guest: user.userType === 'Guest',
  };
};
