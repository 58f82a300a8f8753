/** Users, incrementally: agents and the people who write to them. Someone who was deleted stays in the export as not active. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { exportFrom } from '../export.js';

const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  role: z.string().describe('end-user, agent or admin'),
  organization_id: z.string().nullable(),
  external_id: z.string().nullable().describe('What your own system calls the person, if it was set'),
  suspended: z.boolean(),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
});

const ZendeskUser = z.object({
  id: z.number(),
  name: z.string(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  role: z.string(),
  active: z.boolean(),
  organization_id: z.number().nullish(),
  external_id: z.string().nullish(),
  suspended: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});

const sync = createSync({
  description: 'Agents and end users as they change, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['users:read'],
  models: { User },
  checkpoint: z.object({ cursor: z.string() }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    const endpoint = '/api/v2/incremental/users/cursor.json';
    const Page = z.object({ users: z.array(ZendeskUser) });
    for await (const { page, cursor } of exportFrom(nango, Page, { endpoint, cursor: checkpoint?.cursor })) {
      await nango.batchSave(page.users.filter(({ active }) => active).map(toUser), 'User');
      await nango.batchDelete(
        page.users.flatMap(({ id, active }) => (active ? [] : [{ id: String(id) }])),
        'User',
      );
      if (cursor !== undefined) await nango.saveCheckpoint({ cursor });
    }
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toUser = (user: z.infer<typeof ZendeskUser>): z.infer<typeof User> => ({
  id: String(user.id),
  name: user.name,
  email: user.email ?? null,
  phone: user.phone ?? null,
  role: user.role,
  organization_id: user.organization_id ? String(user.organization_id) : null,
  external_id: user.external_id ?? null,
  suspended: user.suspended ?? false,
  tags: user.tags ?? [],
  created_at: user.created_at,
  updated_at: user.updated_at,
});
