/**
 * Microsoft Graph's delta queries: a first round lists everything and ends with a link that asks for what changed since, deletions included.
 * Shared by the integrations whose APIs are parts of Graph; the folder is none itself.
 */
import type { NangoAction, ProxyConfiguration, ZodMetadata } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

export const Checkpoint = z.object({ delta_link: z.string() });

const Item = z.looseObject({ id: z.string(), '@removed': z.object({ reason: z.string() }).optional() });
export type Item = z.infer<typeof Item>;

const Page = z.object({ value: z.array(Item), '@odata.nextLink': z.string().optional(), '@odata.deltaLink': z.string().optional() });
type Page = z.infer<typeof Page>;

type Reader = {
  /** Before and after a round that lists everything: what it does not list is no longer there. */
  begin: () => Promise<unknown>;
  end: () => Promise<unknown>;
  save: (items: Item[]) => Promise<unknown>;
  remove: (removed: { id: string }[]) => Promise<unknown>;
};

/** @param first the request that begins a round; its query is part of every link that Graph answers, its headers have to be sent again */
export const readDelta = async (
  nango: NangoAction<ZodMetadata, typeof Checkpoint>,
  first: ProxyConfiguration,
  { begin, end, save, remove }: Reader,
): Promise<void> => {
  const follow = (link: string) => get(nango, { ...first, ...target(link), params: {} });
  const known = (await nango.getCheckpoint())?.delta_link;
  const changes = known === undefined ? undefined : await follow(known).catch(ifExpired);
  if (changes === undefined) await begin();
  for (let page = changes ?? (await get(nango, first)); ; ) {
    await save(page.value.filter((item) => !item['@removed']));
    await remove(page.value.filter((item) => item['@removed']).map(({ id }) => ({ id })));
    const next = page['@odata.nextLink'];
    if (next === undefined) {
      if (changes === undefined) await end();
      const link = page['@odata.deltaLink'];
      if (link !== undefined) await nango.saveCheckpoint({ delta_link: link });
      return;
    }
    page = await follow(next);
  }
};

const get = async (nango: NangoAction, request: ProxyConfiguration): Promise<Page> =>
  Page.parse((await nango.get({ ...request, retries: 3 })).data);

const target = (link: string) => {
  const url = new URL(link);
  return { baseUrlOverride: url.origin, endpoint: url.pathname + url.search };
};

const Problem = z.object({ error: z.object({ code: z.string() }) });

/** Links are forgotten after days to weeks: then a new round begins. */
const ifExpired = (error: unknown): undefined => {
  const refusal = refusalOf(error);
  const code = Problem.safeParse(refusal?.data).data?.error.code.toLowerCase();
  if (refusal?.status === 410 || code === 'syncstatenotfound' || code === 'resyncrequired') return undefined;
  throw error;
};
