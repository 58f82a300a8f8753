/** Companies as they change, archived ones removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { type HubspotObject, Progress, readChanges, text } from '../objects.js';

const Company = z.object({
  id: z.string(),
  name: z.string().nullable(),
  domain: z.string().nullable(),
  industry: z.string().nullable(),
  employees: z.number().nullable(),
  city: z.string().nullable(),
  country: z.string().nullable(),
  lifecycle_stage: z.string().nullable(),
  owner_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

/** Their names are what is asked for. */
const Properties = z.object({
  name: text,
  domain: text,
  industry: text,
  numberofemployees: text,
  city: text,
  country: text,
  lifecyclestage: text,
  hubspot_owner_id: text,
});

const sync = createSync({
  description: 'Companies as they change, with the properties the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['crm.objects.companies.read'],
  models: { Company },
  metadata: z.object({ companyFieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Progress,

  exec: async (nango) => {
    const { companyFieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const type = {
      name: 'companies',
      modified: 'hs_lastmodifieddate',
      properties: [...Object.keys(Properties.shape), ...Object.values(companyFieldMapping)],
    };
    await readChanges(
      nango,
      type,
      (objects) =>
        nango.batchSave(
          objects.map((object) => toCompany(object, companyFieldMapping)),
          'Company',
        ),
      (archived) => nango.batchDelete(archived, 'Company'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toCompany = ({ id, properties, createdAt, updatedAt }: HubspotObject, fieldMapping: FieldMapping): z.infer<typeof Company> => {
  const has = Properties.parse(properties);
  return {
    id,
    name: has.name ?? null,
    domain: has.domain ?? null,
    industry: has.industry ?? null,
    employees: has.numberofemployees ? Number(has.numberofemployees) : null,
    city: has.city ?? null,
    country: has.country ?? null,
    lifecycle_stage: has.lifecyclestage ?? null,
    owner_id: has.hubspot_owner_id ?? null,
    created_at: createdAt,
    updated_at: updatedAt,
    custom: readMapped(fieldMapping, properties),
  };
};
