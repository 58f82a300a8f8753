/** Deletes an event. One that is gone already is no failure: what the caller wanted is so. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain, statusOf } from '../../explain.js';
import { pathOf } from '../event.js';

const Input = z.object({
  calendar: z.string().default('primary'),
  id: z.string().min(1),
  notify: z.boolean().default(true).describe('Mail the cancellation to the attendees'),
});

const action = createAction({
  description: 'Deletes an event and tells its attendees',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/calendar.events'],
  input: Input,
  output: z.object({ id: z.string(), deleted: z.boolean().describe('false if it was gone already') }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { calendar, id, notify } = data;
    const call = nango.delete({ endpoint: pathOf(calendar, id), params: { sendUpdates: notify ? 'all' : 'none' } }).then(
      () => true,
      (error: unknown) => {
        if (statusOf(error) === 410) return false;
        throw error;
      },
    );
    const deleted = await orExplain(nango, call, {
      403: `The connected person may not delete events of the calendar ${calendar}.`,
      404: `There is no event ${id} in the calendar ${calendar}.`,
    });
    return { id, deleted };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
