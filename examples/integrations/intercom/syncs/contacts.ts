/**
 * Contacts, users and leads, incrementally. When somebody was last seen is left out on purpose: it changes all the time, and each change would
 * be a record updated. Who was deleted or merged is in no search any more: an app that must know subscribes to `contact.deleted`.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { changedSince, isoOf } from '../search.js';

const Contact = z.object({
  id: z.string(),
  role: z.string().describe('user or lead'),
  external_id: z.string().nullable().describe('What your own system calls the person'),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  owner_id: z.string().nullable().describe('Of a teammate'),
  unsubscribed: z.boolean(),
  attributes: z.record(z.string(), z.unknown()).describe("The workspace's own"),
  created_at: z.string(),
});

const Page = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      role: z.string(),
      external_id: z.string().nullish(),
      name: z.string().nullish(),
      email: z.string().nullish(),
      phone: z.string().nullish(),
      owner_id: z.union([z.string(), z.number()]).nullish(),
      unsubscribed_from_emails: z.boolean().nullish(),
      custom_attributes: z.record(z.string(), z.unknown()).nullish(),
      created_at: z.number(),
    }),
  ),
});

const sync = createSync({
  description: 'Users and leads, as they change',
  version: '1.0.0',
  frequency: 'every 30 minutes',
  autoStart: true,
  models: { Contact },
  checkpoint: z.object({ since: z.number() }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since ?? 0;
    const began = Math.floor(Date.now() / 1000);
    for await (const { data } of changedSince(nango, '/contacts/search', Page, since))
      await nango.batchSave(data.map(toContact), 'Contact');
    await nango.saveCheckpoint({ since: began });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = (contact: z.infer<typeof Page>['data'][number]): z.infer<typeof Contact> => ({
  id: contact.id,
  role: contact.role,
  external_id: contact.external_id ?? null,
  name: contact.name ?? null,
  email: contact.email || null,
  phone: contact.phone ?? null,
  owner_id: contact.owner_id ? String(contact.owner_id) : null,
  unsubscribed: contact.unsubscribed_from_emails ?? false,
  attributes: contact.custom_attributes ?? {},
  created_at: isoOf(contact.created_at),
});
