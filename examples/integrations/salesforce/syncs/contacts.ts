/** Contacts as they change, deleted ones removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { SalesforceContact } from '../contact.js';
import { Checkpoint, type Row, readChanges, time } from '../records.js';

const Contact = z.object({
  id: z.string(),
  account_id: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  mobile: z.string().nullable(),
  title: z.string().nullable(),
  owner_id: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

const fields = [
  ...['FirstName', 'LastName', 'Email', 'Phone', 'MobilePhone', 'Title'],
  ...['AccountId', 'OwnerId', 'CreatedDate', 'LastModifiedDate'],
];

const sync = createSync({
  description: 'Contacts as they change, with the fields the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['api', 'refresh_token'],
  models: { Contact },
  metadata: z.object({ fieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    await readChanges(
      nango,
      { name: 'Contact', fields, fieldMapping },
      (rows) =>
        nango.batchSave(
          rows.map((row) => toContact(row, fieldMapping)),
          'Contact',
        ),
      (deleted) => nango.batchDelete(deleted, 'Contact'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = (row: Row, fieldMapping: FieldMapping): z.infer<typeof Contact> => {
  const contact = SalesforceContact.parse(row);
  return {
    id: contact.Id,
    account_id: contact.AccountId,
    first_name: contact.FirstName,
    last_name: contact.LastName,
    email: contact.Email,
    phone: contact.Phone,
    mobile: contact.MobilePhone,
    title: contact.Title,
    owner_id: contact.OwnerId,
    created_at: time(contact.CreatedDate),
    updated_at: time(contact.LastModifiedDate),
    custom: readMapped(fieldMapping, row),
  };
};
