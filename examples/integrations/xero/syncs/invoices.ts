/**
 * Invoices and bills as they change. A draft that is deleted gets the status DELETED and is removed; what was approved is voided, and stays.
 * Apps made before March 2026 ask for `accounting.transactions.read` instead.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, changedSince, checkpointAt, time } from '../accounting.js';

const Invoice = z.object({
  id: z.string(),
  kind: z.enum(['invoice', 'bill']).describe('What the organisation is paid, or pays'),
  number: z.string().nullable(),
  reference: z.string().nullable(),
  contact_id: z.string(),
  contact_name: z.string().nullable(),
  status: z.string().describe('DRAFT, SUBMITTED, AUTHORISED, PAID or VOIDED'),
  currency: z.string(),
  total: z.number(),
  amount_due: z.number(),
  amount_paid: z.number(),
  date: z.string().nullable().describe('A day, as 2026-03-01'),
  due_date: z.string().nullable(),
  updated_at: z.string(),
});

const XeroInvoice = z.object({
  InvoiceID: z.string(),
  Type: z.string(),
  InvoiceNumber: z.string().optional(),
  Reference: z.string().optional(),
  Contact: z.object({ ContactID: z.string(), Name: z.string().optional() }),
  Status: z.string(),
  CurrencyCode: z.string(),
  Total: z.number(),
  AmountDue: z.number(),
  AmountPaid: z.number(),
  DateString: z.string().optional(),
  DueDateString: z.string().optional(),
  UpdatedDateUTC: z.string(),
});
type XeroInvoice = z.infer<typeof XeroInvoice>;

const sync = createSync({
  description: 'Invoices and bills as they change',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['offline_access', 'accounting.invoices.read'],
  models: { Invoice },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    for await (const page of changedSince(nango, 'Invoices', since, {})) {
      const invoices = z.array(XeroInvoice).parse(page);
      const isDeleted = ({ Status }: XeroInvoice) => Status === 'DELETED';
      await nango.batchSave(invoices.filter((invoice) => !isDeleted(invoice)).map(toInvoice), 'Invoice');
      await nango.batchDelete(
        invoices.filter(isDeleted).map(({ InvoiceID }) => ({ id: InvoiceID })),
        'Invoice',
      );
    }
    await nango.saveCheckpoint(checkpointAt(began));
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toInvoice = (invoice: XeroInvoice): z.infer<typeof Invoice> => ({
  id: invoice.InvoiceID,
  kind: invoice.Type === 'ACCPAY' ? 'bill' : 'invoice',
  number: invoice.InvoiceNumber || null,
  reference: invoice.Reference || null,
  contact_id: invoice.Contact.ContactID,
  contact_name: invoice.Contact.Name ?? null,
  status: invoice.Status,
  currency: invoice.CurrencyCode,
  total: invoice.Total,
  amount_due: invoice.AmountDue,
  amount_paid: invoice.AmountPaid,
  date: invoice.DateString?.slice(0, 10) ?? null,
  due_date: invoice.DueDateString?.slice(0, 10) ?? null,
  updated_at: time(invoice.UpdatedDateUTC),
});
