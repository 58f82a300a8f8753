/** Pipedrive's persons as the unified contact that all CRMs here share. A person names its organization by id; the names are looked up by page. */
import { createSync, type NangoAction } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { address, Contact, ContactMetadata } from '../../unified/contact.js';
import { Checkpoint, listPersons, type Person, plan, primaryOf } from '../persons.js';

const sync = createSync({
  description: 'Contacts in the form that is the same for every CRM',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  scopes: ['contacts:read'],
  models: { UnifiedContact: Contact },
  metadata: ContactMetadata,
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const { isFull, params, next } = await plan(nango);
    if (isFull) await nango.trackDeletesStart('UnifiedContact');
    for await (const page of listPersons(nango, params)) {
      const names = await organizationNames(nango, page);
      const contacts = page.map((person) => toContact(person, names, fieldMapping));
      await nango.batchSave(contacts, 'UnifiedContact');
    }
    if (isFull) await nango.trackDeletesEnd('UnifiedContact');
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const Organizations = z.object({ data: z.array(z.object({ id: z.number(), name: z.string() })) });

/** At most 100 ids may be asked for at once, which is why a page of persons has no more. */
const organizationNames = async (nango: NangoAction, persons: readonly Person[]): Promise<Map<number, string>> => {
  const ids = [...new Set(persons.flatMap(({ org_id }) => org_id ?? []))];
  if (ids.length === 0) return new Map();
  const response = await nango.get({ endpoint: '/v2/organizations', params: { ids: ids.join(','), limit: 100 }, retries: 3 });
  return new Map(Organizations.parse(response.data).data.map(({ id, name }) => [id, name]));
};

const toContact = (person: Person, organizations: ReadonlyMap<number, string>, fieldMapping: FieldMapping): Contact => {
  const email = address(primaryOf(person.emails));
  return {
    id: String(person.id),
    first_name: person.first_name ?? null,
    last_name: person.last_name ?? null,
    email,
    other_emails: (person.emails ?? []).flatMap(({ value }) => address(value) ?? []).filter((other) => other !== email),
    phones: (person.phones ?? [])
      .filter(({ value }) => value !== '')
      .map(({ value, label }) => ({ number: value, type: label ?? 'other' })),
    job_title: person.job_title ?? null,
    company_id: person.org_id ? String(person.org_id) : null,
    company_name: (person.org_id && organizations.get(person.org_id)) || null,
    owner_id: person.owner_id ? String(person.owner_id) : null,
    created_at: person.add_time,
    updated_at: person.update_time ?? person.add_time,
    custom: readMapped(fieldMapping, person.custom_fields ?? {}),
  };
};
