/** Creates an event. Not retried: a second attempt after a lost answer would create a second event and invite everybody twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { Event, GoogleEvent, Moment, pathOf, toEvent, toTime } from '../event.js';

const Input = z
  .object({
    calendar: z.string().default('primary').describe('Id, see the sync `calendars`'),
    title: z.string().min(1),
    description: z.string().optional(),
    location: z.string().optional(),
    start: Moment,
    end: Moment.describe('The first moment after it: for one whole day, the next day'),
    time_zone: z.string().optional().describe('As Europe/Paris; needed for an event that repeats'),
    attendees: z.array(z.email()).optional(),
    recurrence: z.array(z.string()).optional().describe('Rules of RFC 5545, as RRULE:FREQ=WEEKLY'),
    notify: z.boolean().default(true).describe('Mail an invitation to the attendees'),
  })
  .refine(
    ({ start, end }) => start.length === end.length || (start.includes('T') && end.includes('T')),
    'Give both start and end as days, or both as times.',
  )
  .refine(({ start, end }) => Date.parse(end) > Date.parse(start), 'The end must be after the start.');

const action = createAction({
  description: 'Creates an event in a calendar and invites people to it',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/calendar.events'],
  input: Input,
  output: Event,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { calendar, title, description, location, start, end, time_zone: zone, attendees, recurrence, notify } = data;
    const event = {
      summary: title,
      description,
      location,
      start: toTime(start, zone),
      end: toTime(end, zone),
      attendees: attendees?.map((email) => ({ email })),
      recurrence,
    };
    const params = { sendUpdates: notify ? 'all' : 'none' };
    const response = await orExplain(nango, nango.post({ endpoint: pathOf(calendar), params, data: event }), {
      400: 'Google Calendar refused the event. Check the time zone and the recurrence.',
      403: `The connected person may not write to the calendar ${calendar}.`,
      404: `There is no calendar ${calendar}.`,
    });
    return toEvent(GoogleEvent.parse(response.data));
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
