/** The feed: everything that happens in an environment, for apps that ask instead of being called. */
import * as z from 'zod';
import { defineRoute } from './route.ts';

const Cursor = z.string().regex(/^\d{1,15}(\.\d{1,3})?$/, 'Must be a cursor of this feed');

export const FeedEvent = z
  .object({
    id: z.string().describe('Its place in the feed of the environment, which is also the cursor behind it.'),
    event: z.string().describe('The name of the event, such as `sync.completed`.'),
    created_at: z.string().describe('When it happened, in ISO 8601.'),
    data: z
      .record(z.string(), z.unknown())
      .describe("What a webhook about it has as its body. Of a provider's webhook that is no object it is `{ payload }`."),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        "Of a provider's webhook that was forwarded: the headers that came with it, and `x-bowline-*`, which tell its provider, integration, connection and event, and whether it was verified.",
      ),
    signed: z
      .object({
        headers: z.record(z.string(), z.string()).describe('The headers.'),
        body: z.string().describe('The body, byte for byte.'),
      })
      .optional()
      .describe('With `signed=true`: the webhook as it would be sent now, signed with the signing key of the environment.'),
  })
  .describe('Something that happened.');
export type FeedEvent = z.infer<typeof FeedEvent>;

export const events = {
  list: defineRoute({
    method: 'GET',
    path: '/events',
    summary: 'What happened, in order, from where you stopped reading',
    description:
      'Events are kept for 14 days. Keep `next_cursor` once you have dealt with a page: whoever reads on from it misses nothing, also not what was committed late. ' +
      'With `Accept: text/event-stream` the answer is a stream of server-sent events: an `event` for each, whose `data` is one entry of `data` here and whose `id` is its place, sent back as `Last-Event-ID`.',
    caller: 'apiKey',
    scope: ['environment:events:read'],
    query: z.strictObject({
      cursor: z
        .union([Cursor, z.literal('now')])
        .optional()
        .describe('Only what comes after it; `now`: what happens from now on. Default: from the oldest that is kept.'),
      types: z
        .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
        .pipe(z.array(z.string().max(64)).max(50))
        .optional()
        .meta({
          description: 'Only events of these names, separated by commas or repeated; `sync.*` for all that begin so.',
          examples: ['sync.*'],
        }),
      signed: z.stringbool().default(false).describe('Whether each comes with the headers and body of its webhook. Default false.'),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(500)
        .default(100)
        .describe('Events a page, 1 to 500. Default 100. A page may hold a few more messages.'),
    }),
    headers: z.object({
      'last-event-id': Cursor.optional().describe('The same as `cursor`, as browsers and libraries for such streams send it.'),
    }),
    answer: z.object({
      data: z.array(FeedEvent).describe('The oldest after the cursor.'),
      next_cursor: z.string().describe('The cursor behind this page.'),
      has_more: z.boolean().describe('Whether there is more already.'),
    }),
    problems: [],
  }),
};
