/** Persons as they change; those deleted in Pipedrive are removed once a day. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { Checkpoint, listPersons, type Person as PipedrivePerson, plan, primaryOf } from '../persons.js';

const Person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  organization_id: z.string().nullable(),
  owner_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

const sync = createSync({
  description: 'Persons as they change, with the custom fields the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['contacts:read'],
  models: { Person },
  /** The app's field → the key of Pipedrive's custom field, which is a hash of 40 characters. */
  metadata: z.object({ fieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const { isFull, params, next } = await plan(nango);
    if (isFull) await nango.trackDeletesStart('Person');
    for await (const page of listPersons(nango, params)) {
      const persons = page.map((person) => toPerson(person, fieldMapping));
      await nango.batchSave(persons, 'Person');
    }
    if (isFull) await nango.trackDeletesEnd('Person');
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPerson = (person: PipedrivePerson, fieldMapping: FieldMapping): z.infer<typeof Person> => ({
  id: String(person.id),
  name: person.name,
  email: primaryOf(person.emails),
  phone: primaryOf(person.phones),
  organization_id: person.org_id ? String(person.org_id) : null,
  owner_id: person.owner_id ? String(person.owner_id) : null,
  created_at: person.add_time,
  updated_at: person.update_time ?? person.add_time,
  custom: readMapped(fieldMapping, person.custom_fields ?? {}),
});
