/** Opportunities as they change, deleted ones removed. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { type FieldMapping, readMapped } from '../../fields.js';
import { Checkpoint, type Row, readChanges, time } from '../records.js';

const Opportunity = z.object({
  id: z.string(),
  name: z.string(),
  account_id: z.string().nullable(),
  amount: z.number().nullable(),
  stage: z.string(),
  probability: z.number().nullable().describe('Percent'),
  is_closed: z.boolean(),
  is_won: z.boolean(),
  close_date: z.string().describe('A day, as 2026-03-31'),
  owner_id: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  custom: z.record(z.string(), z.string().nullable()),
});

const SalesforceOpportunity = z.object({
  Id: z.string(),
  Name: z.string(),
  AccountId: z.string().nullable(),
  Amount: z.number().nullable(),
  StageName: z.string(),
  Probability: z.number().nullable(),
  IsClosed: z.boolean(),
  IsWon: z.boolean(),
  CloseDate: z.string(),
  OwnerId: z.string(),
  CreatedDate: z.string(),
  LastModifiedDate: z.string(),
});

const sync = createSync({
  description: 'Opportunities as they change, with the fields the customer maps',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['api', 'refresh_token'],
  models: { Opportunity },
  metadata: z.object({ opportunityFieldMapping: z.record(z.string(), z.string()).optional() }),
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { opportunityFieldMapping: fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    await readChanges(
      nango,
      { name: 'Opportunity', fields: Object.keys(SalesforceOpportunity.shape), fieldMapping },
      (rows) =>
        nango.batchSave(
          rows.map((row) => toOpportunity(row, fieldMapping)),
          'Opportunity',
        ),
      (deleted) => nango.batchDelete(deleted, 'Opportunity'),
    );
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toOpportunity = (row: Row, fieldMapping: FieldMapping): z.infer<typeof Opportunity> => {
  const opportunity = SalesforceOpportunity.parse(row);
  return {
    id: opportunity.Id,
    name: opportunity.Name,
    account_id: opportunity.AccountId,
    amount: opportunity.Amount,
    stage: opportunity.StageName,
    probability: opportunity.Probability,
    is_closed: opportunity.IsClosed,
    is_won: opportunity.IsWon,
    close_date: opportunity.CloseDate,
    owner_id: opportunity.OwnerId,
    created_at: time(opportunity.CreatedDate),
    updated_at: time(opportunity.LastModifiedDate),
    custom: readMapped(fieldMapping, row),
  };
};
