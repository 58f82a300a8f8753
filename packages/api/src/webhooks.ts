/** Webhooks of providers, handed on as they came: what a developer's machine listens to instead of being reachable itself. */
import * as z from 'zod';
import { ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Place = z.string().regex(/^\d{1,15}$/);

export const ReceivedWebhook = z
  .object({
    id: z.string().describe('Its number in the environment; the next one is higher.'),
    integration: z.string().describe('The unique key of the integration whose address it came to.'),
    method: z.string().describe('The method of the request.'),
    query: z.string().describe('What stood behind the `?` of the address; often empty.'),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .describe(
        'Name and value of each header, in order and as written. Those of the transport are left out, and `authorization` and `cookie`.',
      ),
    body: z.string().describe('The bytes of the body in base64.'),
    received_at: z.string().describe('When it came.'),
  })
  .describe('A request that came to the webhook address of an integration.');
export type ReceivedWebhook = z.infer<typeof ReceivedWebhook>;

export const webhooks = {
  stream: defineRoute({
    method: 'GET',
    path: '/webhooks/stream',
    summary: 'Webhooks that providers send, handed on as they come',
    description:
      'With `Accept: text/event-stream` the answer is a stream of server-sent events: `ready` first, then a `webhook` for each request, whose `data` is one entry of `data` here; `id` is its place. Otherwise it answers at once with what is kept. ' +
      'While somebody listens, and for an hour afterwards, the newest 1,000 of an environment are kept for an hour, 32 MB at most. Who reconnects with the place of the last one they finished, as `Last-Event-ID` or `after`, gets all that came since: at least once. ' +
      'A webhook whose signature this server found wrong is not among them.',
    caller: 'apiKey',
    scope: ['environment:webhooks:listen'],
    query: z.strictObject({
      integration: z
        .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
        .pipe(z.array(ProviderConfigKey).max(100))
        .optional()
        .meta({ description: 'Only of these integrations, by their unique keys, separated by commas or repeated.', examples: ['github'] }),
      after: Place.optional().describe('Only what came after this place. Default: from now on.'),
    }),
    headers: z.object({
      'last-event-id': Place.optional().describe('The same as `after`, as browsers and libraries for such streams send it.'),
    }),
    answer: z.object({
      cursor: z.string().describe('The place of the last one here, or of the last one there was: the next `after`.'),
      missed: z.int().describe('How many came after that place and are not kept any more, of any integration.'),
      data: z.array(ReceivedWebhook).describe('The oldest of them, at most 20.'),
    }),
    problems: ['unknown_provider_config'],
  }),
};
