/**
 * Deals as they change. Pipedrive lists deleted deals for 30 days when they are asked for, so deletions come with the changes. Archived deals
 * are in no list: one stays as it was when it was archived.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { seconds } from '../persons.js';

const Deal = z.object({
  id: z.string(),
  title: z.string(),
  value: z.number().nullable(),
  currency: z.string().nullable(),
  status: z.string().describe('open, won or lost'),
  pipeline_id: z.string(),
  stage_id: z.string(),
  person_id: z.string().nullable(),
  organization_id: z.string().nullable(),
  owner_id: z.string().nullable(),
  expected_close_date: z.string().nullable(),
  won_at: z.string().nullable(),
  lost_at: z.string().nullable(),
  lost_reason: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

const PipedriveDeal = z.object({
  id: z.number(),
  title: z.string(),
  value: z.number().nullish(),
  currency: z.string().nullish(),
  status: z.string(),
  is_deleted: z.boolean(),
  pipeline_id: z.number(),
  stage_id: z.number(),
  person_id: z.number().nullish(),
  org_id: z.number().nullish(),
  owner_id: z.number().nullish(),
  expected_close_date: z.string().nullish(),
  won_time: z.string().nullish(),
  lost_time: z.string().nullish(),
  lost_reason: z.string().nullish(),
  add_time: z.string(),
  update_time: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});
type PipedriveDeal = z.infer<typeof PipedriveDeal>;

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Deals as they change, with the custom fields the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['deals:read'],
  models: { Deal },
  metadata: z.object({ dealFieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { dealFieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const changed = since === undefined ? {} : { updated_since: since, status: 'open,won,lost,deleted' };
    const pages = nango.paginate({
      endpoint: '/v2/deals',
      params: { ...changed, sort_by: 'id', sort_direction: 'asc' },
      paginate: { limit: 500 },
      retries: 3,
    });
    for await (const page of pages) {
      const deals = z.array(PipedriveDeal).parse(page);
      const [kept, deleted] = [deals.filter(({ is_deleted }) => !is_deleted), deals.filter(({ is_deleted }) => is_deleted)];
      await nango.batchSave(
        kept.map((deal) => toDeal(deal, dealFieldMapping)),
        'Deal',
      );
      await nango.batchDelete(
        deleted.map(({ id }) => ({ id: String(id) })),
        'Deal',
      );
    }
    await nango.saveCheckpoint({ since: seconds(began - overlapMs) });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toDeal = (deal: PipedriveDeal, fieldMapping: FieldMapping): z.infer<typeof Deal> => ({
  id: String(deal.id),
  title: deal.title,
  value: deal.value ?? null,
  currency: deal.currency ?? null,
  status: deal.status,
  pipeline_id: String(deal.pipeline_id),
  stage_id: String(deal.stage_id),
  person_id: text(deal.person_id),
  organization_id: text(deal.org_id),
  owner_id: text(deal.owner_id),
  expected_close_date: deal.expected_close_date ?? null,
  won_at: deal.won_time ?? null,
  lost_at: deal.lost_time ?? null,
  lost_reason: deal.lost_reason ?? null,
  created_at: deal.add_time,
  updated_at: deal.update_time ?? deal.add_time,
  custom: readMapped(fieldMapping, deal.custom_fields ?? {}),
});

const text = (id: number | null | undefined): string | null => (id === null || id === undefined ? null : String(id));
