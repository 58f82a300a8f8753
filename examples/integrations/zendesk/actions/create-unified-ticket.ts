/** A unified ticket (`../../unified/ticket.ts`) becomes a ticket of the connected user. Not retried: there would be two. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { CreatedTicket, NewTicket } from '../../unified/ticket.js';
import { createTicket } from '../create.js';

const Input = NewTicket.extend({ collection_id: z.string().regex(/^\d+$/, 'The number of a group') });

const action = createAction({
  description: 'Creates a ticket from the shape that is the same for every provider; collection_id is the id of a group of agents',
  version: '1.0.0',
  scopes: ['tickets:write'],
  input: NewTicket,
  output: CreatedTicket,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { id, url } = await createTicket(nango, {
      subject: data.title,
      // A ticket without a first comment cannot be: its title stands in.
      comment: { body: data.description ?? data.title },
      priority: data.priority,
      // Zendesk's tags are words.
      tags: data.tags?.map((tag) => tag.trim().toLowerCase().replace(/\s+/g, '_')),
      group_id: Number(data.collection_id),
    });
    return { id, key: `#${id}`, url };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
