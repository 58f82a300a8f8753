/** A message with its body, which the sync leaves out. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../../microsoft/refusal.js';

const Input = z.object({
  id: z.string().min(1).describe('As the sync has it'),
  format: z.enum(['text', 'html']).optional().describe('Default: text'),
});

const GraphMessage = z.object({ id: z.string(), subject: z.string().nullish(), body: z.object({ content: z.string() }) });

const action = createAction({
  description: 'A message with its body',
  version: '1.0.0',
  scopes: ['offline_access', 'Mail.Read'],
  input: Input,
  output: z.object({ id: z.string(), subject: z.string().nullable(), body: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { id, format = 'text' } = data;
    try {
      const response = await nango.get({
        endpoint: `/v1.0/me/messages/${encodeURIComponent(id)}`,
        params: { $select: 'id,subject,body' },
        headers: { prefer: `IdType="ImmutableId", outlook.body-content-type="${format}"` },
        retries: 3,
      });
      const message = GraphMessage.parse(response.data);
      return { id: message.id, subject: message.subject ?? null, body: message.body.content };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
