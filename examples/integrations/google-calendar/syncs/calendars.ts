/** The calendars on the person's list, in full: few, and the list is complete. What an app needs to let people choose one. */
import { createSync } from 'bowline';
import { z } from 'zod';

const Calendar = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  time_zone: z.string().nullable(),
  primary: z.boolean(),
  access: z.string().describe('freeBusyReader, reader, writer or owner'),
});

const Page = z.array(
  z.object({
    id: z.string(),
    summary: z.string(),
    summaryOverride: z.string().nullish(),
    description: z.string().nullish(),
    timeZone: z.string().nullish(),
    primary: z.boolean().nullish(),
    accessRole: z.string(),
  }),
);

const sync = createSync({
  description: "The calendars on the person's list, deletions included",
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['https://www.googleapis.com/auth/calendar.readonly'],
  models: { Calendar },

  exec: async (nango) => {
    await nango.trackDeletesStart('Calendar');
    for await (const page of nango.paginate({ endpoint: '/calendar/v3/users/me/calendarList', paginate: { limit: 100 }, retries: 3 })) {
      const calendars = Page.parse(page);
      await nango.batchSave(
        calendars.map(({ id, summary, summaryOverride, description, timeZone, primary, accessRole }) => ({
          id,
          name: summaryOverride ?? summary,
          description: description ?? null,
          time_zone: timeZone ?? null,
          primary: primary ?? false,
          access: accessRole,
        })),
        'Calendar',
      );
    }
    await nango.trackDeletesEnd('Calendar');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
