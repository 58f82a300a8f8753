/** How a provider is asked to send webhooks: what is posted, what its answer says, how long it lasts, how it is taken back. */
import { z } from 'zod';
import { fields, pattern, strict } from './field.ts';

const request = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional().describe('GET when absent.'),
  path: z.string().startsWith('/').describe("Below the provider's base URL. A template; values are encoded."),
  json: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The body, as JSON. Its texts are templates; one that is `events` alone becomes the list.'),
  form: z.record(z.string(), z.string()).optional().describe('The body, as a form. Values are templates; `events` alone repeats the name.'),
};
const path = z.string().describe('Where it is in the answer; dots descend.');

/**
 * One subscription is asked for each target of each connection: `target.x` is read from the metadata of the connection. Where it is of the integration there is
 * one for all connections, since the vendor registers for the developer's whole app.
 */
export const webhookSubscription = strict({
  docs: z.url({ protocol: /^https$/ }).describe("The vendor's page."),
  of: z
    .enum(['connection', 'integration'])
    .optional()
    .describe(
      "Whose it is. That of an integration is asked for with what its developer has, not with a connection's access. A connection when absent.",
    ),
  settings: fields
    .optional()
    .describe(
      'What the developer enters on the integration for it, sealed: `settings.x` reads it. Without those that are not optional nothing is asked.',
    ),
  rotate: strict({
    ...request,
    token: path,
    refresh_token: path,
    expires: path.describe('When the token ends, in seconds since 1970.'),
  })
    .optional()
    .describe(
      'Exchanges `settings.refresh_token`, which works once, for `settings.token` and the next refresh token. Both are stored before either is used.',
    ),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('What a subscription of an integration is asked for with. Values are templates.'),
  scopes: z.array(z.string()).optional().describe('What the connection must be allowed at the vendor, besides reading.'),
  target: z
    .record(
      z.string(),
      strict({
        title: z.string().describe('What it is, in the words of the vendor.'),
        metadata: z
          .string()
          .describe('The key in the metadata of a connection that names it: a text, or a list of which each has a subscription.'),
        pattern: pattern.describe('The whole value must match, written ^…$.'),
        default: z
          .string()
          .optional()
          .describe('Where the metadata names none. Without one there is nothing to subscribe to until it does.'),
      }),
    )
    .refine((targets) => Object.keys(targets).length <= 1, 'one at most: others follow from it')
    .optional()
    .describe('What one subscription is about, where it is not the whole account.'),
  all_events: z
    .array(z.string())
    .describe('What `events` is for functions that subscribe to `*`; empty where the vendor is not told which.'),
  means: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe('Where functions subscribe to what the vendor is asked for under other names.'),
  events: z
    .enum(['list', 'commas'])
    .optional()
    .describe('How the vendor wants `events`: a list, or one text with commas. A list when absent.'),
  before: strict(request).optional().describe('A request before it; `asked.x` reads its answer.'),
  create: strict(request).describe('The request that makes it.'),
  address: strict({ ...request, url: path })
    .optional()
    .describe(
      'Where an app has one address for all its webhooks: tells which. One that leads elsewhere is left alone, and asking for ours is refused.',
    ),
  each: strict({
    list: strict({
      ...request,
      list: z.string().describe('Where the list is in the answer; empty for the answer itself.'),
      id: path,
      event: path,
      part: path.optional().describe('What of the event it is about.'),
    }).describe('Lists those there are.'),
    create: strict(request).describe('The request that makes one: `event.name`, and `event.part`, without which its key is left out.'),
    remove: strict(request).describe('The request that takes one back: `event.id`.'),
    pattern: pattern.describe('What functions may ask for: the whole name must match, written ^…$.'),
    hint: z.string().describe('Said to whoever asks for another.'),
  })
    .optional()
    .describe('Where the vendor is asked for each event by itself, after `create`. A function writes `name:part` for a part of one.'),
  document: strict({
    at: path,
    url: z.string().describe('Where the address is in the document.'),
    events: z.string().describe('Where the list of events is in the document.'),
  })
    .optional()
    .describe(
      'Where address and events stand in one document about the app: the answer of `address` holds it, and it is written back whole, as `document`, by `create` and `remove`.',
    ),
  error: path.optional().describe('Where an answer with status 200 says why it refuses.'),
  answer: strict({
    id: path.optional().describe('The id by which it is renewed and removed. Absent where ours, `subscription.channel`, is its id.'),
    keep: z.array(z.string()).optional().describe('Further keys that are kept; `remote.x` reads them.'),
    secret: path.optional().describe('Where the vendor tells what it signs with. Absent where ours, `subscription.secret`, is used.'),
    expires: path.optional().describe('When it ends.'),
  }).describe('What the answer says. An answer without the id is a failure.'),
  lasts_seconds: z
    .int()
    .positive()
    .optional()
    .describe('How long one is asked for, where it ends by itself: `subscription.expires_iso`, `subscription.expires_ms`.'),
  renew_after_seconds: z.int().positive().optional().describe('When it goes on, where the vendor says so; 70 % of its time when absent.'),
  told: z
    .record(z.string(), z.enum(['renew', 'lost', 'missed']))
    .optional()
    .describe(
      'Events by which the vendor tells what became of a subscription: it is to be renewed, it is gone, or webhooks of it were not delivered.',
    ),
  addressed: z
    .literal(false)
    .optional()
    .describe('Its webhooks do not come to the address that names it: whose they are is read from them alone.'),
  renew: strict(request)
    .optional()
    .describe('The request that makes it last longer. Where it ends and there is none, another one is made before the old one is removed.'),
  find: strict({
    ...request,
    list: z.string().describe('Where the list is in the answer; empty for the answer itself.'),
    id: path,
    url: path,
    on: path.optional().describe('Whether it is on: neither false nor `disabled`.'),
  })
    .optional()
    .describe(
      'Lists those there are: one with our address that we do not know of was made by a request whose answer was lost, and is removed.',
    ),
  remove: strict(request).describe('The request that takes it back.'),
});
export type WebhookSubscriptionFacts = z.infer<typeof webhookSubscription>;
export type SubscriptionRequest = z.infer<z.ZodObject<typeof request>>;

/** Roots of what these templates may read besides what all templates may. */
export const isOfSubscription = (name: string, at: string) =>
  at.startsWith('webhook_subscription.') && /^(?:(?:events|document)$|(?:target|subscription|remote|asked|settings|event)\.)/.test(name);
