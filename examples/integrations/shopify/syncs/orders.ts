/** Orders as they change, latest change last. An app sees those of the last 60 days, unless Shopify granted it `read_all_orders`. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { listAll, shortId } from '../graphql.js';

const Order = z.object({
  id: z.string(),
  name: z.string().describe('What people call it: #1001'),
  customer_id: z.string().nullable(),
  email: z.string().nullable(),
  total: z.string().describe("A decimal, in the shop's currency"),
  currency: z.string(),
  financial_status: z.string().nullable().describe('PENDING, PAID, REFUNDED, …'),
  fulfillment_status: z.string().describe('UNFULFILLED, FULFILLED, …'),
  tags: z.array(z.string()),
  canceled_at: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

const ShopifyOrder = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  customer: z.object({ id: z.string() }).nullable(),
  currentTotalPriceSet: z.object({ shopMoney: z.object({ amount: z.string(), currencyCode: z.string() }) }),
  displayFinancialStatus: z.string().nullable(),
  displayFulfillmentStatus: z.string(),
  tags: z.array(z.string()),
  cancelledAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const query = `query ($after: String, $filter: String) {
  orders(first: 100, after: $after, query: $filter, sortKey: UPDATED_AT) {
    nodes {
      id name email tags cancelledAt createdAt updatedAt displayFinancialStatus displayFulfillmentStatus
      customer { id }
      currentTotalPriceSet { shopMoney { amount currencyCode } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Orders as they change',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['read_orders'],
  models: { Order },
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const filter = since === undefined ? null : `updated_at:>='${since}'`;
    for await (const page of listAll(nango, 'orders', query, filter)) await nango.batchSave(page.map(toOrder), 'Order');
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toOrder = (node: unknown): z.infer<typeof Order> => {
  const order = ShopifyOrder.parse(node);
  return {
    id: shortId(order.id),
    name: order.name,
    customer_id: order.customer ? shortId(order.customer.id) : null,
    email: order.email,
    total: order.currentTotalPriceSet.shopMoney.amount,
    currency: order.currentTotalPriceSet.shopMoney.currencyCode,
    financial_status: order.displayFinancialStatus,
    fulfillment_status: order.displayFulfillmentStatus,
    tags: order.tags,
    canceled_at: order.cancelledAt,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
  };
};
