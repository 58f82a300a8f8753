/** Posts a message. Not retried: a second attempt after a lost answer would post it twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { write } from '../web-api.js';

const Input = z.object({
  channel: z.string().min(1).describe('Id of a channel, as C024BE91L, or of a person, for a direct message'),
  text: z.string().min(1).max(40_000).describe("In Slack's own Markdown; with blocks, what notifications show"),
  blocks: z
    .array(z.looseObject({ type: z.string() }))
    .optional()
    .describe('Block Kit, for more than text'),
  thread_ts: z.string().optional().describe('Answer in the thread of this message'),
});

const Posted = z.object({ channel: z.string(), ts: z.string() });

const action = createAction({
  description: 'Posts a message to a channel, a thread or a person',
  version: '1.0.0',
  scopes: ['chat:write'],
  input: Input,
  output: z.object({ channel: z.string(), ts: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    return await write(nango, 'chat.postMessage', Posted, data);
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
