/** Salesforce's contacts as the unified contact that all CRMs here share. */
import { createSync } from 'bowline';
import { type FieldMapping, readMapped } from '../../fields.js';
import { address, Contact, ContactMetadata, phones } from '../../unified/contact.js';
import { SalesforceContact } from '../contact.js';
import { Checkpoint, type Row, readChanges, time } from '../records.js';

const fields = [
  ...['FirstName', 'LastName', 'Email', 'Phone', 'MobilePhone', 'Title'],
  ...['AccountId', 'Account.Name', 'OwnerId', 'CreatedDate', 'LastModifiedDate'],
];

const sync = createSync({
  description: 'Contacts in the form that is the same for every CRM',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  scopes: ['api', 'refresh_token'],
  models: { UnifiedContact: Contact },
  metadata: ContactMetadata,
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    await readChanges(
      nango,
      { name: 'Contact', fields, fieldMapping },
      (rows) =>
        nango.batchSave(
          rows.map((row) => toContact(row, fieldMapping)),
          'UnifiedContact',
        ),
      (deleted) => nango.batchDelete(deleted, 'UnifiedContact'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = (row: Row, fieldMapping: FieldMapping): Contact => {
  const contact = SalesforceContact.parse(row);
  return {
    id: contact.Id,
    first_name: contact.FirstName,
    last_name: contact.LastName,
    email: address(contact.Email),
    other_emails: [], // a contact of Salesforce has one address
    phones: phones({ work: contact.Phone, mobile: contact.MobilePhone }),
    job_title: contact.Title,
    company_id: contact.AccountId,
    company_name: contact.Account?.Name ?? null,
    owner_id: contact.OwnerId,
    created_at: time(contact.CreatedDate),
    updated_at: time(contact.LastModifiedDate),
    custom: readMapped(fieldMapping, row),
  };
};
