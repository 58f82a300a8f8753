/** Customers: all of them at first, then what Stripe's events tell, deletions included. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, changes, list, time, window } from '../lists.js';

const Customer = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  description: z.string().nullable(),
  currency: z.string().nullable().describe('What the customer is charged in; null before the first charge'),
  is_delinquent: z.boolean().describe('The latest invoice is unpaid and overdue'),
  metadata: z.record(z.string(), z.string()),
  created_at: z.string(),
});

const StripeCustomer = z.object({
  id: z.string(),
  email: z.string().nullish(),
  name: z.string().nullish(),
  phone: z.string().nullish(),
  description: z.string().nullish(),
  currency: z.string().nullish(),
  delinquent: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  created: z.number(),
});

const types = { names: ['customer.created', 'customer.updated', 'customer.deleted'] };

const sync = createSync({
  description: 'Customers as they change',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['read_only'],
  models: { Customer },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { since, next } = window(await nango.getCheckpoint());
    if (since === undefined) {
      await nango.trackDeletesStart('Customer');
      for await (const page of list(nango, '/v1/customers', {})) await nango.batchSave(page.map(toCustomer), 'Customer');
      await nango.trackDeletesEnd('Customer');
    } else {
      for await (const { saved, deleted } of changes(nango, types, since)) {
        await nango.batchSave(saved.map(toCustomer), 'Customer');
        await nango.batchDelete(deleted, 'Customer');
      }
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toCustomer = (object: unknown): z.infer<typeof Customer> => {
  const { id, email, name, phone, description, currency, delinquent, metadata, created } = StripeCustomer.parse(object);
  return {
    id,
    email: email ?? null,
    name: name ?? null,
    phone: phone ?? null,
    description: description ?? null,
    currency: currency ?? null,
    is_delinquent: delinquent ?? false,
    metadata: metadata ?? {},
    created_at: time(created),
  };
};
