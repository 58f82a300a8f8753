/** Products, in full, so that deleted ones are removed. Stock and prices belong to variants, and change too often to be kept here. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { listAll, shortId } from '../graphql.js';

const Product = z.object({
  id: z.string(),
  title: z.string(),
  handle: z.string().describe("The last part of its page's address"),
  status: z.string().describe('ACTIVE, ARCHIVED, DRAFT or UNLISTED'),
  vendor: z.string(),
  type: z.string(),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
});

const ShopifyProduct = z.object({
  id: z.string(),
  title: z.string(),
  handle: z.string(),
  status: z.string(),
  vendor: z.string(),
  productType: z.string(),
  tags: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const query = `query ($after: String, $filter: String) {
  products(first: 250, after: $after, query: $filter) {
    nodes { id title handle status vendor productType tags createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

const sync = createSync({
  description: 'Products, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['read_products'],
  models: { Product },

  exec: async (nango) => {
    await nango.trackDeletesStart('Product');
    for await (const page of listAll(nango, 'products', query, null)) await nango.batchSave(page.map(toProduct), 'Product');
    await nango.trackDeletesEnd('Product');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toProduct = (node: unknown): z.infer<typeof Product> => {
  const { id, productType, createdAt, updatedAt, ...product } = ShopifyProduct.parse(node);
  return { ...product, id: shortId(id), type: productType, created_at: createdAt, updated_at: updatedAt };
};
