/** Sends a text message. Not retried: a second attempt after a lost answer would send it twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../../refusal.js';
import { messagesOf } from '../account.js';

const Input = z
  .object({
    to: z
      .string()
      .regex(/^\+[1-9]\d{5,14}$/)
      .describe('In the form of E.164: +447700900123'),
    body: z.string().min(1).max(1600),
    from: z.string().optional().describe('A number or sender of the account'),
    messaging_service: z
      .string()
      .regex(/^MG[0-9a-fA-F]{32}$/)
      .optional()
      .describe('A messaging service, which chooses the sender'),
  })
  .refine(({ from, messaging_service }) => (from === undefined) !== (messaging_service === undefined), {
    error: 'Give either from or messaging_service.',
    path: ['from'],
  });

const Sent = z.object({ sid: z.string(), status: z.string() });
const Problem = z.object({ code: z.number(), message: z.string(), more_info: z.string().optional() });

const action = createAction({
  description: 'Sends a text message',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string(), status: z.string().describe('queued or accepted: the delivery follows') }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { to: To, body: Body, from: From, messaging_service: MessagingServiceSid } = data;
    try {
      const response = await nango.post({
        endpoint: await messagesOf(nango),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        data: { To, Body, From, MessagingServiceSid },
      });
      const { sid, status } = Sent.parse(response.data);
      return { id: sid, status };
    } catch (error) {
      const problem = Problem.safeParse(refusalOf(error)?.data).data;
      throw problem === undefined ? error : new nango.ActionError(problem);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
