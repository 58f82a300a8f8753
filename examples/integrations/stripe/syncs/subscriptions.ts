/**
 * Subscriptions: all of them at first, ended ones too, then what Stripe's events tell. A subscription is never deleted: it ends, which Stripe
 * announces as `customer.subscription.deleted`, and stays with the status `canceled`.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, changes, list, time, timeOrNull, window } from '../lists.js';

const Subscription = z.object({
  id: z.string(),
  customer_id: z.string(),
  status: z.string().describe('trialing, active, past_due, unpaid, paused, canceled, …'),
  currency: z.string(),
  items: z.array(z.object({ price_id: z.string(), product_id: z.string(), quantity: z.number() })),
  current_period_ends_at: z.string().nullable(),
  is_ending: z.boolean().describe('Ends with the current period'),
  canceled_at: z.string().nullable(),
  trial_ends_at: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  created_at: z.string(),
});

const StripeSubscription = z.object({
  id: z.string(),
  customer: z.string(),
  status: z.string(),
  currency: z.string(),
  items: z.object({
    data: z.array(
      z.object({
        price: z.object({ id: z.string(), product: z.string() }),
        quantity: z.number().optional(),
        current_period_end: z.number().optional(),
      }),
    ),
  }),
  /** Since version 2025-03-31 of the API it is with the items; which version an event is of is up to the account. */
  current_period_end: z.number().nullish(),
  cancel_at_period_end: z.boolean(),
  canceled_at: z.number().nullable(),
  trial_end: z.number().nullable(),
  metadata: z.record(z.string(), z.string()),
  created: z.number(),
});

const ended = 'customer.subscription.deleted';
const changed = ['created', 'updated', 'paused', 'resumed'].map((what) => `customer.subscription.${what}`);
const types = { names: [...changed, ended], kept: [ended] };

const sync = createSync({
  description: 'Subscriptions as they change, ended ones included',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  scopes: ['read_only'],
  models: { Subscription },
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { since, next } = window(await nango.getCheckpoint());
    if (since === undefined) {
      for await (const page of list(nango, '/v1/subscriptions', { status: 'all' })) {
        await nango.batchSave(page.map(toSubscription), 'Subscription');
      }
    } else {
      for await (const { saved } of changes(nango, types, since)) await nango.batchSave(saved.map(toSubscription), 'Subscription');
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toSubscription = (object: unknown): z.infer<typeof Subscription> => {
  const subscription = StripeSubscription.parse(object);
  const items = subscription.items.data;
  const ends = subscription.current_period_end ?? Math.max(0, ...items.map(({ current_period_end = 0 }) => current_period_end));
  return {
    id: subscription.id,
    customer_id: subscription.customer,
    status: subscription.status,
    currency: subscription.currency,
    items: items.map(({ price, quantity = 1 }) => ({ price_id: price.id, product_id: price.product, quantity })),
    current_period_ends_at: timeOrNull(ends),
    is_ending: subscription.cancel_at_period_end,
    canceled_at: timeOrNull(subscription.canceled_at),
    trial_ends_at: timeOrNull(subscription.trial_end),
    metadata: subscription.metadata,
    created_at: time(subscription.created),
  };
};
