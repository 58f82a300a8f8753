/**
 * Text messages, sent and received. They can be asked for by the day they were sent; what is told of one changes for a while afterwards (its
 * delivery, its price), so the last three days are read again. Deleting a message from the log is left unnoticed.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { messagesOf } from '../account.js';

const Message = z.object({
  id: z.string(),
  direction: z.string().describe('inbound, outbound-api, outbound-call or outbound-reply'),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string().nullable(),
  status: z.string().describe('queued, sending, sent, delivered, undelivered, failed, received, …'),
  error_code: z.number().nullable(),
  error_message: z.string().nullable(),
  segments: z.number().describe('What is charged for'),
  price: z.string().nullable().describe('A decimal, negative for what you pay; null until it is known'),
  currency: z.string().nullable(),
  sent_at: z.string().nullable(),
  created_at: z.string(),
});

const TwilioMessage = z.object({
  sid: z.string(),
  direction: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string().nullable(),
  status: z.string(),
  error_code: z.number().nullable(),
  error_message: z.string().nullable(),
  num_segments: z.string(),
  price: z.string().nullable(),
  price_unit: z.string().nullable(),
  date_sent: z.string().nullable(),
  date_created: z.string(),
});

const settledAfterMs = 3 * 24 * 60 * 60_000;

const sync = createSync({
  description: 'Text messages, sent and received',
  version: '1.0.0',
  frequency: 'every 15 minutes',
  autoStart: true,
  models: { Message },
  checkpoint: z.object({ since: z.string().describe('A day, as 2026-03-01') }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    const pages = nango.paginate({
      endpoint: await messagesOf(nango),
      params: { PageSize: '1000', ...(since !== undefined && { 'DateSent>': since }) }, // so written it means "on or after"
      paginate: { type: 'link', link_path_in_response_body: 'next_page_uri', response_path: 'messages' },
      retries: 3,
    });
    for await (const page of pages) {
      const messages = z.array(TwilioMessage).parse(page).map(toMessage);
      await nango.batchSave(messages, 'Message');
    }
    await nango.saveCheckpoint({ since: new Date(began - settledAfterMs).toISOString().slice(0, 10) });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toMessage = (message: z.infer<typeof TwilioMessage>): z.infer<typeof Message> => ({
  id: message.sid,
  direction: message.direction,
  from: message.from,
  to: message.to,
  body: message.body,
  status: message.status,
  error_code: message.error_code,
  error_message: message.error_message,
  segments: Number(message.num_segments),
  price: message.price,
  currency: message.price_unit,
  sent_at: message.date_sent === null ? null : time(message.date_sent),
  created_at: time(message.date_created),
});

/** Twilio writes times as mail does: `Sun, 01 Mar 2026 09:00:00 +0000`. */
const time = (text: string): string => new Date(text).toISOString();
