/** The groups of the organization; shared by the syncs of this integration. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const OktaGroup = z.object({
  id: z.string(),
  type: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  profile: z.object({ name: z.string(), description: z.string().nullish() }),
});
export type OktaGroup = z.infer<typeof OktaGroup>;

export async function* listGroups(nango: NangoAction): AsyncGenerator<OktaGroup[]> {
  for await (const page of nango.paginate({ endpoint: '/api/v1/groups', paginate: { limit: 200 }, retries: 3 })) {
    yield z.array(OktaGroup).parse(page);
  }
}
