/** Contacts as they change, archived ones removed. Which further properties are read is up to the customer: see `metadata`. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { contacts } from '../contact.js';
import { type HubspotObject, Progress, readChanges, text } from '../objects.js';

const Contact = z.object({
  id: z.string(),
  email: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  phone: z.string().nullable(),
  job_title: z.string().nullable(),
  lifecycle_stage: z.string().nullable().describe('subscriber, lead, opportunity, customer, … or the id of a stage of the account'),
  company_id: z.string().nullable().describe('The primary company'),
  owner_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

/** Their names are what is asked for. */
const Properties = z.object({
  email: text,
  firstname: text,
  lastname: text,
  phone: text,
  jobtitle: text,
  lifecyclestage: text,
  associatedcompanyid: text,
  hubspot_owner_id: text,
});

const sync = createSync({
  description: 'Contacts as they change, with the properties the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['crm.objects.contacts.read'],
  models: { Contact },
  /** The app's field → HubSpot's property, as `{ "plan": "subscription_plan" }`; `list-properties` has the names. Trigger with `reset` after a change. */
  metadata: z.object({ fieldMapping: z.record(z.string(), z.string()).optional() }),
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
          'Contact',
        ),
      (archived) => nango.batchDelete(archived, 'Contact'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toContact = ({ id, properties, createdAt, updatedAt }: HubspotObject, fieldMapping: FieldMapping): z.infer<typeof Contact> => {
  const has = Properties.parse(properties);
  return {
    id,
    email: has.email ?? null,
    first_name: has.firstname ?? null,
    last_name: has.lastname ?? null,
    phone: has.phone ?? null,
    job_title: has.jobtitle ?? null,
    lifecycle_stage: has.lifecyclestage ?? null,
    company_id: has.associatedcompanyid ?? null,
    owner_id: has.hubspot_owner_id ?? null,
    created_at: createdAt,
    updated_at: updatedAt,
    custom: readMapped(fieldMapping, properties),
  };
};
