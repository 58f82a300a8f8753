/**
 * Users, in full. Okta can be asked for changes, but does not tell of users that were deleted, and who may still sign in is what this is read
 * for. The list leaves out those who were deactivated, so they are removed, too.
 */
import { createSync } from 'bowline';
import { z } from 'zod';

const User = z.object({
  id: z.string(),
  status: z.string().describe('STAGED, PROVISIONED, ACTIVE, RECOVERY, PASSWORD_EXPIRED, LOCKED_OUT or SUSPENDED'),
  login: z.string(),
  email: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  title: z.string().nullable(),
  department: z.string().nullable(),
  manager: z.string().nullable(),
  employee_number: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

const text = z.string().nullish();
const OktaUser = z.object({
  id: z.string(),
  status: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  profile: z.object({
    login: z.string(),
    email: text,
    firstName: text,
    lastName: text,
    title: text,
    department: text,
    manager: text,
    employeeNumber: text,
  }),
});

const sync = createSync({
  description: 'Users who are not deactivated',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['okta.users.read'],
  models: { User },

  exec: async (nango) => {
    await nango.trackDeletesStart('User');
    for await (const page of nango.paginate({ endpoint: '/api/v1/users', paginate: { limit: 200 }, retries: 3 })) {
      const users = z.array(OktaUser).parse(page).map(toUser);
      await nango.batchSave(users, 'User');
    }
    await nango.trackDeletesEnd('User');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toUser = ({ id, status, created, lastUpdated, profile }: z.infer<typeof OktaUser>): z.infer<typeof User> => ({
  id,
  status,
  login: profile.login,
  email: profile.email ?? null,
  first_name: profile.firstName ?? null,
  last_name: profile.lastName ?? null,
  title: profile.title ?? null,
  department: profile.department ?? null,
  manager: profile.manager ?? null,
  employee_number: profile.employeeNumber ?? null,
  created_at: created,
  updated_at: lastUpdated,
});
