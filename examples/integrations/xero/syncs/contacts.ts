/** Contacts as they change: customers and suppliers. They cannot be deleted: one that is no longer wanted is archived, and stays. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, changedSince, checkpointAt, time } from '../accounting.js';

const Contact = z.object({
  id: z.string(),
  name: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  is_customer: z.boolean(),
  is_supplier: z.boolean(),
  is_archived: z.boolean(),
  updated_at: z.string(),
});

const XeroContact = z.object({
  ContactID: z.string(),
  ContactStatus: z.string(),
  Name: z.string(),
  FirstName: z.string().optional(),
  LastName: z.string().optional(),
  EmailAddress: z.string().optional(),
  Phones: z
    .array(
      z.object({
        PhoneType: z.string(),
        PhoneNumber: z.string().optional(),
        PhoneAreaCode: z.string().optional(),
        PhoneCountryCode: z.string().optional(),
      }),
    )
    .optional(),
  IsCustomer: z.boolean(),
  IsSupplier: z.boolean(),
  UpdatedDateUTC: z.string(),
});
type XeroContact = z.infer<typeof XeroContact>;

const sync = createSync({
  description: 'Customers and suppliers as they change, archived ones included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['offline_access', 'accounting.contacts.read'],
  models: { Contact },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    for await (const page of changedSince(nango, 'Contacts', since, { includeArchived: 'true' })) {
      const contacts = z.array(XeroContact).parse(page).map(toContact);
      await nango.batchSave(contacts, 'Contact');
    }
    await nango.saveCheckpoint(checkpointAt(began));
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = (contact: XeroContact): z.infer<typeof Contact> => ({
  id: contact.ContactID,
  name: contact.Name,
  first_name: contact.FirstName || null,
  last_name: contact.LastName || null,
  email: contact.EmailAddress || null,
  phone: phoneOf(contact),
  is_customer: contact.IsCustomer,
  is_supplier: contact.IsSupplier,
  is_archived: contact.ContactStatus === 'ARCHIVED',
  updated_at: time(contact.UpdatedDateUTC),
});

/** Xero keeps the parts of a number apart, and an entry for every kind, empty or not. */
const phoneOf = ({ Phones = [] }: XeroContact): string | null => {
  const numbers = Phones.map(({ PhoneType, PhoneCountryCode, PhoneAreaCode, PhoneNumber }) => ({
    type: PhoneType,
    number: PhoneNumber ? [PhoneCountryCode, PhoneAreaCode, PhoneNumber].filter(Boolean).join(' ') : null,
  })).filter(({ number }) => number !== null);
  return (numbers.find(({ type }) => type === 'DEFAULT') ?? numbers[0])?.number ?? null;
};
