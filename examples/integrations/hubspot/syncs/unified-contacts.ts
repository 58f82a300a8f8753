/** HubSpot's contacts as the unified contact that all CRMs here share. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { address, Contact, ContactMetadata, phones } from '../../unified/contact.js';
import { contacts } from '../contact.js';
import { type HubspotObject, Progress, readChanges, text } from '../objects.js';

/** Their names are what is asked for. */
const Properties = z.object({
  email: text,
  hs_additional_emails: text,
  firstname: text,
  lastname: text,
  phone: text,
  mobilephone: text,
  jobtitle: text,
  associatedcompanyid: text,
  company: text,
  hubspot_owner_id: text,
});

const sync = createSync({
  description: 'Contacts in the form that is the same for every CRM',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  scopes: ['crm.objects.contacts.read'],
  models: { UnifiedContact: Contact },
  metadata: ContactMetadata,
  checkpoint: Progress,

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const type = { ...contacts, properties: [...Object.keys(Properties.shape), ...Object.values(fieldMapping)] };
    await readChanges(
      nango,
      type,
      (objects) =>
        nango.batchSave(
          objects.map((object) => toContact(object, fieldMapping)),
          'UnifiedContact',
        ),
      (archived) => nango.batchDelete(archived, 'UnifiedContact'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = ({ id, properties, createdAt, updatedAt }: HubspotObject, fieldMapping: FieldMapping): Contact => {
  const has = Properties.parse(properties);
  return {
    id,
    first_name: has.firstname ?? null,
    last_name: has.lastname ?? null,
    email: address(has.email),
    // One text, separated by semicolons.
    other_emails: (has.hs_additional_emails ?? '').split(';').flatMap((email) => address(email) ?? []),
    phones: phones({ work: has.phone, mobile: has.mobilephone }),
    job_title: has.jobtitle ?? null,
    company_id: has.associatedcompanyid ?? null,
    company_name: has.company ?? null,
    owner_id: has.hubspot_owner_id ?? null,
    created_at: createdAt,
    updated_at: updatedAt,
    custom: readMapped(fieldMapping, properties),
  };
};
