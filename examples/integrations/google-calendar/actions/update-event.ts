/** Changes an event: only the fields that are given. Doing it twice changes nothing more, but would mail people twice: retried only without mails. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { Event, GoogleEvent, Moment, pathOf, toEvent, toTime } from '../event.js';

const Input = z
  .object({
    calendar: z.string().default('primary'),
    id: z.string().min(1),
    title: z.string().min(1).optional(),
    description: z.string().optional(),
    location: z.string().optional(),
    start: Moment.optional(),
    end: Moment.optional().describe('The first moment after it'),
    time_zone: z.string().optional(),
    attendees: z.array(z.email()).optional().describe('All of them: those left out are taken away'),
    notify: z.boolean().default(true).describe('Mail the change to the attendees'),
  })
  .refine(({ start, end }) => (start === undefined) === (end === undefined), 'Give start and end together.');

const action = createAction({
  description: 'Changes the time, text, place or attendees of an event',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/calendar.events'],
  input: Input,
  output: Event,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { calendar, id, title, description, location, start, end, time_zone: zone, attendees, notify } = data;
    const changes = {
      summary: title,
      description,
      location,
      // null takes the other form away: an event of whole days may become one with times.
      start: start && { date: null, dateTime: null, ...toTime(start, zone) },
      end: end && { date: null, dateTime: null, ...toTime(end, zone) },
      attendees: attendees?.map((email) => ({ email })),
    };
    const call = nango.patch({
      endpoint: pathOf(calendar, id),
      params: { sendUpdates: notify ? 'all' : 'none' },
      data: changes,
      retries: notify ? 0 : 3,
    });
    const response = await orExplain(nango, call, {
      403: `The connected person may not change events of the calendar ${calendar}.`,
      404: `There is no event ${id} in the calendar ${calendar}.`,
    });
    return toEvent(GoogleEvent.parse(response.data));
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
