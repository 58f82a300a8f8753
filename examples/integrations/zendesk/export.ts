/**
 * Zendesk's incremental export: everything that changed, in the order of its changes, from a cursor on. The cursor of the last page is kept
 * and asked again the next time. It allows ten requests a minute, which is why pages are as large as they may be.
 * https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Page = z.looseObject({ after_cursor: z.string().nullable(), end_of_stream: z.boolean() });

type Export = {
  /** As `/api/v2/incremental/tickets/cursor.json`. */
  endpoint: string;
  params?: Record<string, string>;
  /** Of the checkpoint; undefined for everything. */
  cursor: string | undefined;
};

/** Pages, each with the cursor to save once it has been stored: a run that is interrupted goes on from there. */
export async function* exportFrom<S extends z.ZodType>(nango: NangoAction, schema: S, { endpoint, params = {}, cursor }: Export) {
  for (let at = cursor; ; ) {
    // The beginning is a time: 0 is 1970.
    const from = at === undefined ? { start_time: '0' } : { cursor: at };
    const response = await nango.get({ endpoint, params: { ...params, ...from, per_page: '1000' }, retries: 5 });
    const { after_cursor: next, end_of_stream: isLast } = Page.parse(response.data);
    yield { page: schema.parse(response.data) as z.infer<S>, cursor: next ?? at };
    if (isLast || next === null) return;
    at = next;
  }
}
