/** Creates a ticket for somebody. Not retried: a second attempt after a lost answer would create a second ticket. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { createTicket } from '../create.js';

const Input = z.object({
  subject: z.string().min(1),
  body: z.string().min(1).describe('The first comment, as plain text'),
  requester: z
    .object({ email: z.email(), name: z.string().optional() })
    .optional()
    .describe('Who asks; created if unknown. Left out, it is the connected user'),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).optional(),
  type: z.enum(['problem', 'incident', 'question', 'task']).optional(),
  tags: z.array(z.string()).optional(),
  group_id: z.number().optional(),
  internal: z.boolean().default(false).describe('The first comment is a note among agents, and nobody is mailed'),
});

const action = createAction({
  description: 'Creates a ticket, for the connected user or for somebody named by e-mail address',
  version: '1.0.0',
  scopes: ['tickets:write'],
  input: Input,
  output: z.object({ id: z.string(), status: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { subject, body, requester, priority, type, tags, group_id, internal } = data;
    // Zendesk wants a name for somebody it does not know yet.
    const who = requester && { email: requester.email, name: requester.name ?? requester.email };
    return await createTicket(nango, {
      subject,
      comment: { body, public: !internal },
      requester: who,
      priority,
      type,
      tags,
      group_id,
    });
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
