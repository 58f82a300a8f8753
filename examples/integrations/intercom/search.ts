/**
 * How functions of this integration call Intercom. Every call names the version of the API: without, the answer has the shape of whichever
 * version is set at the app. https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/api-versioning
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

export const headers = { 'intercom-version': '2.11' };

const Pages = z.object({ pages: z.object({ next: z.object({ starting_after: z.string() }).nullish() }).nullish() });

const daySeconds = 24 * 3600;

/**
 * What changed since a time, in pages. Intercom compares days in searches and not times, and `>` means the days after: a search from the day
 * before on gives everything of the day itself. Unchanged records are recognised.
 *
 * @param since seconds since 1970; 0 for everything
 */
export async function* changedSince<S extends z.ZodType>(nango: NangoAction, endpoint: string, schema: S, since: number) {
  const query = { field: 'updated_at', operator: '>', value: Math.max(0, since - daySeconds) };
  for (let after: string | undefined; ; ) {
    const pagination = { per_page: 150, ...(after !== undefined && { starting_after: after }) };
    const response = await nango.post({ endpoint, headers, data: { query, pagination }, retries: 3 });
    yield schema.parse(response.data) as z.infer<S>;
    after = Pages.parse(response.data).pages?.next?.starting_after;
    if (after === undefined) return;
  }
}

export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
