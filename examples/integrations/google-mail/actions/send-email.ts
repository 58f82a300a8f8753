/** Sends an e-mail as the customer. Not retried: a second attempt after a lost answer would send it twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { writeMail } from '../mime.js';

const Input = z.object({
  to: z.array(z.email()).min(1),
  cc: z.array(z.email()).optional(),
  bcc: z.array(z.email()).optional(),
  subject: z.string().regex(/^[^\r\n]*$/, 'One line'),
  text: z.string().min(1).describe('Plain text; also what is shown where HTML is not'),
  html: z.string().optional(),
  thread_id: z.string().optional().describe('To answer: `thread_id` of the e-mail; the subject must be the same'),
  in_reply_to: z
    .string()
    .regex(/^<[^<>\s]+>$/, 'A message id, as <id@example.com>')
    .optional()
    .describe('To answer: `message_id` of the e-mail'),
});

const Sent = z.object({ id: z.string(), threadId: z.string() });

const action = createAction({
  description: 'Sends an e-mail as the connected person, or answers one',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/gmail.send'],
  input: Input,
  output: z.object({ id: z.string(), thread_id: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { thread_id: threadId, in_reply_to: inReplyTo, ...mail } = data;
    const raw = Buffer.from(writeMail({ ...mail, inReplyTo }), 'utf8').toString('base64url');
    const call = nango.post({ endpoint: '/gmail/v1/users/me/messages/send', data: { raw, ...(threadId !== undefined && { threadId }) } });
    const response = await orExplain(nango, call, {
      400: 'Gmail refused the e-mail. Check the addresses, and that the thread exists.',
      404: `There is no thread ${threadId}.`,
    });
    const { id, threadId: thread } = Sent.parse(response.data);
    return { id, thread_id: thread };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
