/**
 * Ashby's lists; shared by the syncs of this integration. The last page of a list carries a token, with which the next run is told only what
 * changed. What was deleted is not told: once a day everything is read, and what is no longer there is removed.
 */
import type { NangoAction, ZodMetadata } from 'bowline';
import { z } from 'zod';
import { call } from './call.js';

export const Checkpoint = z.object({ sync_token: z.string(), full_at: z.string() });

const Page = z.object({
  results: z.array(z.unknown()),
  moreDataAvailable: z.boolean(),
  nextCursor: z.string().nullish(),
  syncToken: z.string().nullish(),
});

type Reader = { begin: () => Promise<unknown>; end: () => Promise<unknown>; save: (rows: unknown[]) => Promise<unknown> };

const dayMs = 24 * 60 * 60_000;

/** @param operation a list that knows `syncToken`, as `candidate.list`; `begin` and `end` stand around a run that reads everything */
export const readChanges = async (
  nango: NangoAction<ZodMetadata, typeof Checkpoint>,
  operation: string,
  { begin, end, save }: Reader,
): Promise<void> => {
  const began = Date.now();
  const last = await nango.getCheckpoint();
  // Tokens expire; none that is used here was given out more than a day ago.
  const isFull = last === null || Date.parse(last.full_at) + dayMs <= began;
  if (isFull) await begin();
  const token = isFull ? {} : { syncToken: last.sync_token };
  for (let cursor: string | undefined; ; ) {
    const asked = { limit: 100, ...token, ...(cursor !== undefined && { cursor }) };
    const page = Page.parse(await call(nango, operation, asked, 3));
    await save(page.results);
    if (!page.moreDataAvailable) {
      if (isFull) await end();
      const full_at = isFull ? new Date(began).toISOString() : last.full_at;
      if (page.syncToken) await nango.saveCheckpoint({ sync_token: page.syncToken, full_at });
      return;
    }
    cursor = page.nextCursor ?? undefined;
  }
};
