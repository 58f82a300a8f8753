/** A message as the sync and the action give it. */
import { z } from 'zod';

export const Message = z.object({
  id: z.string().describe('Channel and time: unique in the workspace'),
  channel: z.string(),
  ts: z.string().describe('Names the message within its channel; answer in its thread with it'),
  thread_ts: z.string().nullable().describe('Of the message that began the thread; null outside of one'),
  user: z.string().nullable().describe('Id of the person; null for an app without one'),
  bot_id: z.string().nullable(),
  subtype: z.string().nullable().describe('null for what people write; as channel_join for what Slack says'),
  text: z.string(),
  files: z.array(z.object({ id: z.string(), name: z.string().nullable(), mime_type: z.string().nullable() })),
  sent_at: z.string(),
});
export type Message = z.infer<typeof Message>;

const SlackMessage = z.object({
  ts: z.string(),
  thread_ts: z.string().nullish(),
  user: z.string().nullish(),
  bot_id: z.string().nullish(),
  subtype: z.string().nullish(),
  text: z.string().nullish(),
  files: z.array(z.object({ id: z.string(), name: z.string().nullish(), mimetype: z.string().nullish() })).nullish(),
});

export const History = z.object({
  messages: z.array(SlackMessage),
  response_metadata: z.object({ next_cursor: z.string().optional() }).nullish(),
});

export const toMessage = (channel: string, message: z.infer<typeof SlackMessage>): Message => ({
  id: `${channel}:${message.ts}`,
  channel,
  ts: message.ts,
  thread_ts: message.thread_ts ?? null,
  user: message.user ?? null,
  bot_id: message.bot_id ?? null,
  subtype: message.subtype ?? null,
  text: message.text ?? '',
  files: (message.files ?? []).map(({ id, name, mimetype }) => ({ id, name: name ?? null, mime_type: mimetype ?? null })),
  sent_at: new Date(Number(message.ts) * 1000).toISOString(),
});
