/** Deals as they change, archived ones removed. Amounts stay texts: they are decimals, which a number would round. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { type HubspotObject, Progress, readChanges, text } from '../objects.js';

const Deal = z.object({
  id: z.string(),
  name: z.string().nullable(),
  amount: z.string().nullable().describe("A decimal, in the deal's currency"),
  currency: z.string().nullable().describe('ISO 4217; null when the account has one currency only'),
  pipeline_id: z.string().nullable(),
  stage_id: z.string().nullable(),
  is_won: z.boolean(),
  is_closed: z.boolean(),
  close_date: z.string().nullable(),
  owner_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

/** Their names are what is asked for. */
const Properties = z.object({
  dealname: text,
  amount: text,
  deal_currency_code: text,
  pipeline: text,
  dealstage: text,
  hs_is_closed_won: text,
  hs_is_closed: text,
  closedate: text,
  hubspot_owner_id: text,
});

const sync = createSync({
  description: 'Deals as they change, with the properties the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['crm.objects.deals.read'],
  models: { Deal },
  metadata: z.object({ dealFieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Progress,

  exec: async (nango) => {
    const { dealFieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const type = {
      name: 'deals',
      modified: 'hs_lastmodifieddate',
      properties: [...Object.keys(Properties.shape), ...Object.values(dealFieldMapping)],
    };
    await readChanges(
      nango,
      type,
      (objects) =>
        nango.batchSave(
          objects.map((object) => toDeal(object, dealFieldMapping)),
          'Deal',
        ),
      (archived) => nango.batchDelete(archived, 'Deal'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toDeal = ({ id, properties, createdAt, updatedAt }: HubspotObject, fieldMapping: FieldMapping): z.infer<typeof Deal> => {
  const has = Properties.parse(properties);
  return {
    id,
    name: has.dealname ?? null,
    amount: has.amount || null,
    currency: has.deal_currency_code ?? null,
    pipeline_id: has.pipeline ?? null,
    stage_id: has.dealstage ?? null,
    is_won: has.hs_is_closed_won === 'true',
    is_closed: has.hs_is_closed === 'true',
    close_date: has.closedate ?? null,
    owner_id: has.hubspot_owner_id ?? null,
    created_at: createdAt,
    updated_at: updatedAt,
    custom: readMapped(fieldMapping, properties),
  };
};
