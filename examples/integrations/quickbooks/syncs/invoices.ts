/** Invoices as they change. A query does not find deleted ones; those QuickBooks names in its list of changes, or else everything is read. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, deletedSince, query } from '../company.js';

const Invoice = z.object({
  id: z.string(),
  number: z.string().nullable(),
  customer_id: z.string(),
  customer_name: z.string().nullable(),
  total: z.number(),
  balance: z.number().describe('What is still to be paid'),
  currency: z.string().nullable(),
  date: z.string().describe('A day, as 2026-03-01'),
  due_date: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

const QuickbooksInvoice = z.object({
  Id: z.string(),
  DocNumber: z.string().optional(),
  CustomerRef: z.object({ value: z.string(), name: z.string().optional() }),
  TotalAmt: z.number(),
  Balance: z.number(),
  CurrencyRef: z.object({ value: z.string() }).optional(),
  TxnDate: z.string(),
  DueDate: z.string().optional(),
  MetaData: z.object({ CreateTime: z.string(), LastUpdatedTime: z.string() }),
});

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Invoices as they change, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['com.intuit.quickbooks.accounting'],
  models: { Invoice },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const deleted = since === undefined ? undefined : await deletedSince(nango, 'Invoice', since);
    if (deleted === undefined) {
      await nango.trackDeletesStart('Invoice');
      for await (const page of query(nango, 'Invoice', undefined)) await nango.batchSave(page.map(toInvoice), 'Invoice');
      await nango.trackDeletesEnd('Invoice');
    } else {
      const pages = query(nango, 'Invoice', `MetaData.LastUpdatedTime >= '${since}'`);
      for await (const page of pages) await nango.batchSave(page.map(toInvoice), 'Invoice');
      await nango.batchDelete(deleted, 'Invoice');
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toInvoice = (row: unknown): z.infer<typeof Invoice> => {
  const invoice = QuickbooksInvoice.parse(row);
  return {
    id: invoice.Id,
    number: invoice.DocNumber ?? null,
    customer_id: invoice.CustomerRef.value,
    customer_name: invoice.CustomerRef.name ?? null,
    total: invoice.TotalAmt,
    balance: invoice.Balance,
    currency: invoice.CurrencyRef?.value ?? null,
    date: invoice.TxnDate,
    due_date: invoice.DueDate ?? null,
    created_at: invoice.MetaData.CreateTime,
    updated_at: invoice.MetaData.LastUpdatedTime,
  };
};
