/**
 * What changed among HubSpot's CRM objects, and what was archived; shared by the syncs of this integration.
 *
 * A search returns at most 10,000 results however it is paged. So pages are not asked for by HubSpot's cursor: each search asks for objects
 * with a higher id than the last one seen, which starts a new count. An object keeps its id when it changes, so none moves between pages; one
 * that is created meanwhile under a lower id has changed since the run began, and is the next run's.
 */
import type { NangoAction, ZodMetadata } from 'bowline';
import { z } from 'zod';

/** `after_id` is there while a run has not ended: an interrupted first run of a large account goes on where it was. */
export const Progress = z.object({ since: z.string().optional(), began: z.string().optional(), after_id: z.string().optional() });

const HubspotObject = z.object({
  id: z.string(),
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type HubspotObject = z.infer<typeof HubspotObject>;

/** A property as HubSpot answers it, whatever its type; one that the account does not have is left out. */
export const text = z.string().nullish();

/** `total` counts all that the search found, those of later pages included. */
const Page = z.object({ total: z.number(), results: z.array(HubspotObject) });
const Archived = z.array(z.object({ id: z.string() }));

type ObjectType = {
  /** As in the path of the API: `contacts`. */
  name: string;
  /** When it was last modified: `lastmodifieddate` for contacts, `hs_lastmodifieddate` for all others. */
  modified: string;
  properties: readonly string[];
};

/** The search index lags behind by moments, and clocks differ. Objects read twice are recognised as unchanged. */
const overlapMs = 5 * 60_000;

/** Hands over the pages of what changed since the last run began, then the ids of what was archived; the first run has nothing to remove. */
export const readChanges = async (
  nango: NangoAction<ZodMetadata, typeof Progress>,
  type: ObjectType,
  save: (objects: HubspotObject[]) => Promise<unknown>,
  remove: (archived: { id: string }[]) => Promise<unknown>,
): Promise<void> => {
  const { since, began = new Date(Date.now() - overlapMs).toISOString(), after_id } = (await nango.getCheckpoint()) ?? {};
  for (let after = after_id ?? '0'; ; ) {
    const { total, results } = await search(nango, type, since, after);
    await save(results);
    after = results.at(-1)?.id ?? after;
    if (results.length === 0 || results.length >= total) break;
    await nango.saveCheckpoint({ since, began, after_id: after });
  }
  if (since !== undefined) {
    // HubSpot keeps archived objects for 90 days and cannot filter them by date.
    const pages = nango.paginate({
      endpoint: `/crm/v3/objects/${type.name}`,
      params: { archived: 'true' },
      paginate: { limit: 100 },
      retries: 3,
    });
    for await (const page of pages) await remove(Archived.parse(page));
  }
  await nango.saveCheckpoint({ since: began });
};

const search = async (nango: NangoAction, type: ObjectType, since: string | undefined, after: string): Promise<z.infer<typeof Page>> => {
  const filters = [
    { propertyName: 'hs_object_id', operator: 'GT', value: after },
    ...(since === undefined ? [] : [{ propertyName: type.modified, operator: 'GTE', value: String(Date.parse(since)) }]),
  ];
  const response = await nango.post({
    endpoint: `/crm/v3/objects/${type.name}/search`,
    data: {
      filterGroups: [{ filters }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: type.properties,
      limit: 200,
    },
    retries: 3, // a search changes nothing
  });
  return Page.parse(response.data);
};
