/** Shopify's GraphQL Admin API; shared by the functions of this integration. A failure may come with status 200. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

/** A version lives for a year: raise it before July 2027, with a look at what changed. */
const endpoint = '/admin/api/2026-07/graphql.json';

const Answer = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() })).optional(),
  extensions: z
    .object({
      cost: z.object({
        requestedQueryCost: z.number(),
        throttleStatus: z.object({ currentlyAvailable: z.number(), restoreRate: z.number() }),
      }),
    })
    .optional(),
});
type Answer = z.infer<typeof Answer>;

/** @throws ActionError with Shopify's own words, as `Access denied for orders field` where a scope is missing */
const send = async (nango: NangoAction, query: string, variables: object, retries: number): Promise<Answer> => {
  const answer = Answer.parse((await nango.post({ endpoint, data: { query, variables }, retries })).data);
  const [error] = answer.errors ?? [];
  if (error !== undefined) throw new nango.ActionError({ message: error.message, code: error.extensions?.code ?? null });
  return answer;
};

/** A change. Not retried. */
export const mutate = async (nango: NangoAction, mutation: string, variables: object): Promise<unknown> =>
  (await send(nango, mutation, variables, 0)).data;

const Connection = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

/**
 * Every page of a list. The query takes `$after` and `$filter`; `name` is the list's field in the answer.
 * Shopify counts what queries cost, and gives back points by the second: a page waits until it can be paid.
 */
export async function* listAll(nango: NangoAction, name: string, query: string, filter: string | null): AsyncGenerator<unknown[]> {
  for (let after: string | null = null; ; ) {
    const { data, extensions } = await send(nango, query, { after, filter }, 3);
    const page = Connection.parse(z.record(z.string(), z.unknown()).parse(data)[name]);
    yield page.nodes;
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage) return;
    const cost = extensions?.cost;
    const missing = cost === undefined ? 0 : cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable;
    if (cost !== undefined && missing > 0) await pause((1000 * missing) / cost.throttleStatus.restoreRate);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `gid://shopify/Order/450789469` → `450789469`, which the REST API, webhooks and addresses call it. */
export const shortId = (gid: string): string => gid.slice(gid.lastIndexOf('/') + 1);
