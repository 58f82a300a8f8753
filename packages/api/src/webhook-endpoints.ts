/** Where an environment's events go besides the two addresses of its settings, and how each place fares. */
import * as z from 'zod';
import { Nothing, OverlapHours, ProviderConfigKey, Success } from './fields.ts';
import { defineRoute } from './route.ts';
import { defaultEvents, webhookEventNames } from './webhook-events.ts';

const EventChoice = z
  .string()
  .max(64)
  .regex(/^(\*|[a-z]+\.(\*|[a-z_]+))$/, 'Must be the name of an event, `sync.*` for all that begin so, or `*`')
  .refine((one) => one.endsWith('*') || webhookEventNames.some((name) => name === one), 'There is no event of this name');
const Url = z.url({ protocol: /^https?$/ }).max(2_000);
const Description = z.string().max(255).describe('For people: what it is for.');
const Integrations = z
  .array(ProviderConfigKey)
  .min(1)
  .max(100)
  .nullable()
  .describe('Only events about these integrations, by their unique keys. Null: about any, and those about none.');
const Events = z
  .array(EventChoice)
  .min(1)
  .max(50)
  .describe('Which events it gets: names, `sync.*` for all that begin so, `*` for all there are and will be.');
const Ordered = z
  .boolean()
  .describe(
    'One delivery of a connection at a time, in the order of the events: one that fails holds up those of its connection until it is given up.',
  );
const Enabled = z.boolean().describe('Whether it gets events.');
const Id = z.strictObject({ id: z.uuid().describe('The id of the endpoint.') });

export const WebhookEndpoint = z
  .object({
    id: z.string().describe('Names the endpoint, a UUID.'),
    kind: z
      .enum(['own', 'setting'])
      .describe(
        '`own`: made by this API. `setting`: an address of the environment or of a connection, changed there; it is listed once something went there.',
      ),
    url: z.string().describe('Where it is.'),
    description: Description,
    events: z.array(z.string()).describe('Which events it gets; empty for a `setting`, where the settings choose.'),
    integrations: z.array(z.string()).nullable().describe('Only events about these integrations; null: about any.'),
    ordered: Ordered,
    enabled: Enabled,
    state: z
      .enum(['active', 'paused', 'disabled'])
      .describe('`paused`: it failed again and again, so what it should get waits until a try succeeds. `disabled`: it gets nothing.'),
    disabled_reason: z.string().nullable().describe('`gone` when it answered 410; null otherwise.'),
    failing_since: z.string().nullable().describe('Since when every attempt has failed; null when the last one did not.'),
    next_attempt_at: z.string().nullable().describe('No attempt before this moment, in ISO 8601; null when nothing holds them back.'),
    waiting: z.int().describe('How many deliveries wait, up to 10,000.'),
    created_at: z.string().describe('When it was made, in ISO 8601.'),
  })
  .describe('A place that events go to.');
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

const One = z.object({ data: WebhookEndpoint.describe('The endpoint.') });
const Secret = z
  .string()
  .describe(
    'What it is signed with, beginning with `whsec_`, as libraries of standardwebhooks.com take it. The text behind, decoded from base64, is the key of the other signatures.',
  );
const WithSecret = z.object({ data: WebhookEndpoint.extend({ secret: Secret }).describe('The endpoint with its secret.') });

const reading = { caller: 'apiKey', scope: ['environment:webhooks:read'] } as const;
const writing = { caller: 'apiKey', scope: ['environment:webhooks:write'] } as const;

export const webhookEndpoints = {
  list: defineRoute({
    ...reading,
    method: 'GET',
    path: '/webhooks/endpoints',
    summary: 'The places that events go to, and how they fare',
    query: Nothing,
    answer: z.object({ data: z.array(WebhookEndpoint).describe('Those made by this API first, the oldest first.') }),
    problems: [],
  }),
  create: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/endpoints',
    summary: 'Send events to a further place',
    description:
      'It gets events from now on. An environment has at most 100. An address within a private network is refused unless the server allows it.',
    query: Nothing,
    body: z.strictObject({
      url: Url.describe('Where it is: http or https.'),
      description: Description.default(''),
      events: Events.default([...defaultEvents]),
      integrations: Integrations.default(null),
      ordered: Ordered.default(false),
      enabled: Enabled.default(true),
    }),
    status: 201,
    answer: WithSecret,
    problems: ['conflict'],
  }),
  get: defineRoute({
    ...reading,
    method: 'GET',
    path: '/webhooks/endpoints/:id',
    summary: 'One of the places',
    params: Id,
    query: Nothing,
    answer: One,
    problems: ['not_found'],
  }),
  update: defineRoute({
    ...writing,
    method: 'PATCH',
    path: '/webhooks/endpoints/:id',
    summary: 'Change a place',
    description:
      'What waits goes to the new address. To enable one that was disabled, or is paused, lets all that waits go at once. A `setting` is changed in the settings.',
    params: Id,
    query: Nothing,
    body: z.strictObject({
      url: Url.optional().describe('Where it is from now on.'),
      description: Description.optional(),
      events: Events.optional(),
      integrations: Integrations.optional(),
      ordered: Ordered.optional(),
      enabled: Enabled.optional(),
    }),
    answer: One,
    problems: ['not_found'],
  }),
  remove: defineRoute({
    ...writing,
    method: 'DELETE',
    path: '/webhooks/endpoints/:id',
    summary: 'Send nothing to a place any more',
    description: 'What waits for it is given up with it; its deliveries are not listed any more.',
    params: Id,
    query: Nothing,
    answer: Success,
    problems: ['not_found'],
  }),
  secret: defineRoute({
    ...writing,
    method: 'GET',
    path: '/webhooks/endpoints/:id/secret',
    summary: 'What signs the webhooks to a place',
    params: Id,
    query: Nothing,
    answer: z.object({ data: z.object({ secret: Secret }).describe('The secret.') }),
    problems: ['not_found'],
  }),
  rotateSecret: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/endpoints/:id/secret/rotate',
    summary: 'Replace what signs the webhooks to a place',
    params: Id,
    query: z.strictObject({ overlap_hours: OverlapHours }),
    answer: z.object({ data: z.object({ secret: Secret }).describe('The new secret. It signs from the next attempt on.') }),
    problems: ['not_found'],
  }),
  resume: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/endpoints/:id/resume',
    summary: 'Try a paused place again at once',
    description: 'Everything that waits for it is due at once, in its order. When it still fails it is paused again.',
    params: Id,
    query: Nothing,
    answer: One,
    problems: ['not_found'],
  }),
  test: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/endpoints/:id/test',
    summary: 'Send a place a test event',
    description:
      'A delivery like any other, of the event `webhook.test`, whatever the place chose: `GET /webhooks/deliveries/:id` says what became of it.',
    params: Id,
    query: Nothing,
    answer: z.object({ data: z.object({ delivery_id: z.string().describe('The id of the delivery.') }).describe('The delivery.') }),
    problems: ['not_found'],
  }),
};
