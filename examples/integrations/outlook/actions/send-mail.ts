/** Sends mail as the user, kept among what they sent. Not retried: a second attempt after a lost answer would send it twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../../microsoft/refusal.js';

const Input = z.object({
  to: z.array(z.email()).min(1),
  cc: z.array(z.email()).optional(),
  subject: z.string().min(1),
  body: z.string(),
  format: z.enum(['text', 'html']).optional().describe('Of the body. Default: text'),
});

const action = createAction({
  description: 'Sends mail as the user',
  version: '1.0.0',
  scopes: ['offline_access', 'Mail.Send'],
  input: Input,
  output: z.object({ accepted: z.boolean().describe('Graph takes mail over and names no id') }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { to, cc = [], subject, body, format = 'text' } = data;
    const recipients = (addresses: string[]) => addresses.map((address) => ({ emailAddress: { address } }));
    const message = {
      subject,
      body: { contentType: format, content: body },
      toRecipients: recipients(to),
      ccRecipients: recipients(cc),
    };
    try {
      await nango.post({ endpoint: '/v1.0/me/sendMail', data: { message, saveToSentItems: true } });
      return { accepted: true };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
