/** Replies to a conversation as a teammate, or leaves a note there. Not retried: the customer would read the reply twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { headers } from '../search.js';

const Input = z.object({
  conversation_id: z.string().min(1),
  admin_id: z.string().min(1).describe('The teammate who replies'),
  body: z.string().min(1).describe('Plain text or HTML'),
  note: z.boolean().default(false).describe('Only teammates see it'),
});

const Answer = z.object({ id: z.string(), state: z.string() });

const action = createAction({
  description: 'Replies to a conversation as a teammate, or leaves a note that only teammates see',
  version: '1.0.0',
  input: Input,
  output: z.object({ conversation_id: z.string(), state: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { conversation_id: id, admin_id, body, note } = data;
    const reply = { message_type: note ? 'note' : 'comment', type: 'admin', admin_id, body };
    const call = nango.post({ endpoint: `/conversations/${encodeURIComponent(id)}/reply`, headers, data: reply });
    const response = await orExplain(nango, call, {
      403: `The app may not write to conversations, or the teammate ${admin_id} may not.`,
      404: `There is no conversation ${id}, or no teammate ${admin_id}.`,
    });
    const { id: replied, state } = Answer.parse(response.data);
    return { conversation_id: replied, state };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
