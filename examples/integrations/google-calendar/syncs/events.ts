/**
 * Events of a calendar, incrementally, with the sync token that Google gives for exactly this: the next run is told every change since,
 * deletions included, as events that are cancelled. When Google no longer knows a token it answers 410; then everything is read again, and
 * what is not met any more counts as deleted. https://developers.google.com/workspace/calendar/api/guides/sync
 *
 * An event that repeats is one record with its rule, and a record for each date that was changed: unrolled, a daily event without an end would
 * be thousands.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { statusOf } from '../../explain.js';
import { Event, GoogleEvent, pathOf, toEvent } from '../event.js';

const Page = z.object({
  items: z.array(GoogleEvent),
  nextPageToken: z.string().nullish(),
  nextSyncToken: z.string().nullish(),
});

const sync = createSync({
  description: 'Events of a calendar, the primary one unless you choose another, as they change; deletions included',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['https://www.googleapis.com/auth/calendar.events.readonly'],
  models: { Event },
  metadata: z.object({
    /** Id of the calendar, see the sync `calendars`. After a change the app triggers the sync with `reset` and `emptyCache`. */
    calendar: z.string().optional(),
  }),
  checkpoint: z.object({ syncToken: z.string() }),

  exec: async (nango) => {
    const { calendar = 'primary' } = (await nango.getMetadata()) ?? {};
    const known = (await nango.getCheckpoint())?.syncToken;
    let syncToken = known === undefined ? undefined : await readPages(nango, calendar, known);
    if (syncToken === undefined) {
      await nango.trackDeletesStart('Event');
      syncToken = await readPages(nango, calendar, undefined);
      await nango.trackDeletesEnd('Event');
    }
    if (syncToken !== undefined) await nango.saveCheckpoint({ syncToken });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

/** @returns the token for the next run; undefined when Google does not know the one given */
async function readPages(nango: NangoSyncLocal, calendar: string, syncToken: string | undefined): Promise<string | undefined> {
  const fixed = { maxResults: 250, ...(syncToken !== undefined && { syncToken }) };
  for (let pageToken: string | undefined; ; ) {
    const params = { ...fixed, ...(pageToken !== undefined && { pageToken }) };
    const response = await nango.get({ endpoint: pathOf(calendar), params, retries: 3 }).catch((error: unknown) => {
      if (syncToken !== undefined && statusOf(error) === 410) return undefined;
      throw error;
    });
    if (!response) return undefined;
    const { items, nextPageToken, nextSyncToken } = Page.parse(response.data);
    await nango.batchSave(items.filter(({ status }) => status !== 'cancelled').map(toEvent), 'Event');
    // In a full read cancelled events are dates left out of a series: never saved, so nothing is deleted.
    if (syncToken !== undefined) {
      await nango.batchDelete(
        items.flatMap(({ id, status }) => (status === 'cancelled' ? [{ id }] : [])),
        'Event',
      );
    }
    if (!nextPageToken) return nextSyncToken ?? undefined;
    pageToken = nextPageToken;
  }
}
