/** Customers as they change. They cannot be deleted: one that is no longer wanted is made inactive, and stays. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, query } from '../company.js';

const Customer = z.object({
  id: z.string(),
  name: z.string().describe('Unique in the company'),
  company_name: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  currency: z.string().nullable(),
  is_active: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});

const QuickbooksCustomer = z.object({
  Id: z.string(),
  DisplayName: z.string(),
  CompanyName: z.string().optional(),
  GivenName: z.string().optional(),
  FamilyName: z.string().optional(),
  PrimaryEmailAddr: z.object({ Address: z.string().optional() }).optional(),
  PrimaryPhone: z.object({ FreeFormNumber: z.string().optional() }).optional(),
  CurrencyRef: z.object({ value: z.string() }).optional(),
  Active: z.boolean(),
  MetaData: z.object({ CreateTime: z.string(), LastUpdatedTime: z.string() }),
});

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Customers as they change, inactive ones included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['com.intuit.quickbooks.accounting'],
  models: { Customer },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const changed = since === undefined ? '' : ` and MetaData.LastUpdatedTime >= '${since}'`;
    // Without a word about it only active ones are found.
    for await (const page of query(nango, 'Customer', `Active in (true, false)${changed}`)) {
      await nango.batchSave(page.map(toCustomer), 'Customer');
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toCustomer = (row: unknown): z.infer<typeof Customer> => {
  const customer = QuickbooksCustomer.parse(row);
  return {
    id: customer.Id,
    name: customer.DisplayName,
    company_name: customer.CompanyName ?? null,
    first_name: customer.GivenName ?? null,
    last_name: customer.FamilyName ?? null,
    email: customer.PrimaryEmailAddr?.Address ?? null,
    phone: customer.PrimaryPhone?.FreeFormNumber ?? null,
    currency: customer.CurrencyRef?.value ?? null,
    is_active: customer.Active,
    created_at: customer.MetaData.CreateTime,
    updated_at: customer.MetaData.LastUpdatedTime,
  };
};
