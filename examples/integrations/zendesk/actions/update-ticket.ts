/** Changes a ticket or adds a comment to it. Not retried: the comment would be sent to the customer twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { readTicket } from '../create.js';

const Input = z
  .object({
    id: z.string().regex(/^\d+$/, 'The number of the ticket'),
    status: z.enum(['open', 'pending', 'hold', 'solved']).optional(),
    priority: z.enum(['low', 'normal', 'high', 'urgent']).optional(),
    assignee_id: z.number().optional(),
    comment: z.string().min(1).optional().describe('Plain text'),
    internal: z.boolean().default(false).describe('The comment is a note among agents'),
  })
  .refine(
    ({ id: _id, internal: _internal, ...changes }) => Object.values(changes).some((value) => value !== undefined),
    'Nothing to change: give at least one field.',
  );

const action = createAction({
  description: 'Changes the status, priority or assignee of a ticket, or replies to it',
  version: '1.0.0',
  scopes: ['tickets:write'],
  input: Input,
  output: z.object({ id: z.string(), status: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { id, comment, internal, ...fields } = data;
    const ticket = { ...fields, comment: comment === undefined ? undefined : { body: comment, public: !internal } };
    const response = await orExplain(nango, nango.put({ endpoint: `/api/v2/tickets/${id}.json`, data: { ticket } }), {
      404: `There is no ticket ${id}, or the connected user may not see it.`,
      422: `Zendesk refused the change of ticket ${id}. A closed ticket cannot be changed, and a required field may be missing.`,
    });
    return readTicket(response.data);
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
