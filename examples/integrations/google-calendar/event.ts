/** An event as the sync and the actions give it. */
import { z } from 'zod';

const Time = z.object({ date: z.string().nullish(), dateTime: z.string().nullish(), timeZone: z.string().nullish() });

export const GoogleEvent = z.object({
  id: z.string(),
  status: z.string().nullish(),
  summary: z.string().nullish(),
  description: z.string().nullish(),
  location: z.string().nullish(),
  start: Time.nullish(),
  end: Time.nullish(),
  recurrence: z.array(z.string()).nullish(),
  recurringEventId: z.string().nullish(),
  organizer: z.object({ email: z.string().nullish() }).nullish(),
  attendees: z
    .array(z.object({ email: z.string().nullish(), displayName: z.string().nullish(), responseStatus: z.string().nullish() }))
    .nullish(),
  hangoutLink: z.string().nullish(),
  htmlLink: z.string().nullish(),
  created: z.string().nullish(),
  updated: z.string().nullish(),
});
export type GoogleEvent = z.infer<typeof GoogleEvent>;

const When = z.object({
  all_day: z.boolean(),
  at: z.string().describe('A day, as 2026-03-01, for an event of whole days; else a time with its offset'),
  time_zone: z.string().nullable(),
});

export const Event = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  location: z.string().nullable(),
  start: When,
  end: When.describe('The first moment after it: of an event of one whole day, the next day'),
  recurrence: z.array(z.string()).describe('Rules of RFC 5545 for an event that repeats; empty for one that does not'),
  series_id: z.string().nullable().describe('Of one date of a series that differs from the others'),
  organizer: z.string().nullable(),
  attendees: z.array(z.object({ email: z.string(), name: z.string().nullable(), response: z.string() })),
  video_link: z.string().nullable(),
  url: z.string().nullable(),
  updated_at: z.string().nullable(),
});
export type Event = z.infer<typeof Event>;

const toWhen = (time: GoogleEvent['start']): z.infer<typeof When> => ({
  all_day: Boolean(time?.date),
  at: time?.date ?? time?.dateTime ?? '',
  time_zone: time?.timeZone ?? null,
});

export const toEvent = (event: GoogleEvent): Event => ({
  id: event.id,
  title: event.summary ?? '',
  description: event.description ?? null,
  location: event.location ?? null,
  start: toWhen(event.start),
  end: toWhen(event.end),
  recurrence: event.recurrence ?? [],
  series_id: event.recurringEventId ?? null,
  organizer: event.organizer?.email ?? null,
  attendees: (event.attendees ?? []).flatMap(({ email, displayName, responseStatus }) =>
    email ? [{ email, name: displayName ?? null, response: responseStatus ?? 'needsAction' }] : [],
  ),
  video_link: event.hangoutLink ?? null,
  url: event.htmlLink ?? null,
  updated_at: event.updated ?? null,
});

const day = z.iso.date();
const time = z.iso.datetime({ offset: true });

/** What actions take: a day for events of whole days, else a time with its offset. */
export const Moment = z.union([day, time]).describe('2026-03-01 for whole days, or 2026-03-01T09:00:00+01:00');

export const toTime = (moment: string, timeZone: string | undefined) =>
  day.safeParse(moment).success ? { date: moment } : { dateTime: moment, ...(timeZone !== undefined && { timeZone }) };

export const pathOf = (calendar: string, event?: string): string =>
  `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events${event === undefined ? '' : `/${encodeURIComponent(event)}`}`;
