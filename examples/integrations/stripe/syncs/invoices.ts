/** Invoices: all of them at first, then what Stripe's events tell. Only drafts can be deleted; what was finalized is voided instead. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, changes, list, time, timeOrNull, window } from '../lists.js';

const Invoice = z.object({
  id: z.string(),
  number: z.string().nullable().describe('Null while it is a draft'),
  customer_id: z.string().nullable(),
  subscription_id: z.string().nullable(),
  status: z.string().nullable().describe('draft, open, paid, uncollectible or void'),
  currency: z.string(),
  total: z.number().describe('In the smallest unit of the currency, as cents'),
  amount_due: z.number(),
  amount_paid: z.number(),
  due_at: z.string().nullable(),
  created_at: z.string(),
});

const StripeInvoice = z.object({
  id: z.string(),
  number: z.string().nullish(),
  customer: z.string().nullish(),
  /** Since version 2025-03-31 of the API it is below `parent`; which version an event is of is up to the account. */
  subscription: z.string().nullish(),
  parent: z.object({ subscription_details: z.object({ subscription: z.string() }).nullish() }).nullish(),
  status: z.string().nullish(),
  currency: z.string(),
  total: z.number(),
  amount_due: z.number(),
  amount_paid: z.number(),
  due_date: z.number().nullish(),
  created: z.number(),
});

const happenings = ['created', 'updated', 'finalized', 'paid', 'payment_failed', 'voided', 'marked_uncollectible', 'deleted'];
const types = { names: happenings.map((what) => `invoice.${what}`) };

const sync = createSync({
  description: 'Invoices as they change',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['read_only'],
  models: { Invoice },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { since, next } = window(await nango.getCheckpoint());
    if (since === undefined) {
      await nango.trackDeletesStart('Invoice');
      for await (const page of list(nango, '/v1/invoices', {})) await nango.batchSave(page.map(toInvoice), 'Invoice');
      await nango.trackDeletesEnd('Invoice');
    } else {
      for await (const { saved, deleted } of changes(nango, types, since)) {
        await nango.batchSave(saved.map(toInvoice), 'Invoice');
        await nango.batchDelete(deleted, 'Invoice');
      }
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toInvoice = (object: unknown): z.infer<typeof Invoice> => {
  const invoice = StripeInvoice.parse(object);
  return {
    id: invoice.id,
    number: invoice.number ?? null,
    customer_id: invoice.customer ?? null,
    subscription_id: invoice.subscription ?? invoice.parent?.subscription_details?.subscription ?? null,
    status: invoice.status ?? null,
    currency: invoice.currency,
    total: invoice.total,
    amount_due: invoice.amount_due,
    amount_paid: invoice.amount_paid,
    due_at: timeOrNull(invoice.due_date),
    created_at: time(invoice.created),
  };
};
