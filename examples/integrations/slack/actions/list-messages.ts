/** Messages of a channel, newest first and a page at a time: to look when somebody asks. The sync `messages` is for keeping them. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { History, Message, toMessage } from '../messages.js';
import { read } from '../web-api.js';

const Input = z.object({
  channel: z.string().min(1).describe('Id, as C024BE91L; the app must be in it'),
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.string().optional().describe('`next_cursor` of the page before'),
});

const action = createAction({
  description: 'The latest messages of a channel, a page at a time',
  version: '1.0.0',
  scopes: ['channels:history', 'groups:history'],
  input: Input,
  output: z.object({ messages: z.array(Message), next_cursor: z.string().nullable() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { channel, limit, cursor } = data;
    const page = await read(nango, 'conversations.history', History, { channel, limit, ...(cursor !== undefined && { cursor }) });
    return {
      messages: page.messages.map((message) => toMessage(channel, message)),
      next_cursor: page.response_metadata?.next_cursor || null,
    };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
