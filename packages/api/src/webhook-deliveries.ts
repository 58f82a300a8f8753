/** Each event on its way to each place: what became of it, attempt by attempt, and how it is sent again. */
import * as z from 'zod';
import { ConnectionId, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { defineRoute } from './route.ts';

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;

export const WebhookAttempt = z
  .object({
    at: z.string().describe('When it began, in ISO 8601.'),
    duration_ms: z.int().describe('How long it took, in milliseconds.'),
    status: z.int().nullable().describe('What was answered; null when there was no answer.'),
    error: z.string().nullable().describe('Why it failed; null when it did not.'),
    response: z.string().nullable().describe("The first 500 characters of the answer's body, without what looks like a secret."),
  })
  .describe('One attempt.');
export type WebhookAttempt = z.infer<typeof WebhookAttempt>;

export const WebhookDelivery = z
  .object({
    id: z.string().describe('The id, which the receiver sees as `webhook-id`: the same on every attempt.'),
    endpoint_id: z.string().describe('The endpoint that it goes to.'),
    url: z.string().describe('Where that is, or was when it was deleted.'),
    event: z.string().describe('The name of the event, such as `sync.completed`.'),
    integration: z.string().nullable().describe('The unique key of the integration that it is about; null where there is none.'),
    connection: z.string().nullable().describe('The id of the connection that it is about; null where there is none.'),
    state: z.enum(deliveryStates).describe('`pending`: attempts remain. `failed`: given up, until somebody sends it again.'),
    attempts: z.int().describe('How many attempts counted, since it was last sent.'),
    last_status: z.int().nullable().describe('What was answered last; null when there was no answer.'),
    last_error: z.string().nullable().describe('Why the last attempt failed; null when it did not.'),
    next_attempt_at: z.string().nullable().describe('When the next attempt is due, in ISO 8601; null when there is none.'),
    created_at: z.string().describe('When the event became a delivery, in ISO 8601.'),
    finished_at: z.string().nullable().describe('When it was delivered or given up, in ISO 8601; null while it is pending.'),
  })
  .describe('One event on its way to one endpoint.');
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

const chosen = {
  endpoint: z.uuid().optional().describe('Only those to this endpoint, by its id.'),
  state: z.enum(deliveryStates).optional().describe('Only those that stand so.'),
  event: z.string().max(64).optional().describe('Only those of the event with this name.'),
  integration: ProviderConfigKey.optional().describe('Only those about this integration.'),
  connection: ConnectionId.optional().describe('Only those about the connection with this id.'),
  from: z.iso.datetime().optional().describe('Only those made at this moment or later: ISO 8601 with `Z`.'),
  to: z.iso.datetime().optional().describe('Only those made before this moment: ISO 8601 with `Z`.'),
};
export const DeliveryFilter = z.object(chosen);
export type DeliveryFilter = z.infer<typeof DeliveryFilter>;

const Id = z.strictObject({ id: z.uuid().describe('The id of the delivery.') });
const reading = { caller: 'apiKey', scope: ['environment:webhooks:read'] } as const;
const writing = { caller: 'apiKey', scope: ['environment:webhooks:write'] } as const;

export const webhookDeliveries = {
  list: defineRoute({
    ...reading,
    method: 'GET',
    path: '/webhooks/deliveries',
    summary: 'List what was and is to be delivered, newest first',
    description: 'Deliveries are kept for 14 days after they were made.',
    query: z.strictObject({
      ...chosen,
      cursor: z.string().max(32).optional().describe('Go on here: `next_cursor` of a page.'),
      limit: z.coerce.number().int().min(1).max(200).default(50).describe('Deliveries a page, 1 to 200. Default 50.'),
    }),
    answer: z.object({
      data: z.array(WebhookDelivery).describe('Newest first.'),
      next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null at the end.'),
    }),
    problems: ['invalid_cursor'],
  }),
  count: defineRoute({
    ...reading,
    method: 'GET',
    path: '/webhooks/deliveries/count',
    summary: 'How many deliveries there are, by how they stand',
    description: 'Of those that all of the choices fit: before many are sent again, and while they are on their way.',
    query: z.strictObject(chosen),
    answer: z.object({
      data: z
        .object({
          pending: z.int().describe('How many attempts remain for.'),
          delivered: z.int().describe('How many arrived.'),
          failed: z.int().describe('How many were given up.'),
          more: z.boolean().describe('Whether there are more than the 100,000 that were counted.'),
        })
        .describe('The numbers.'),
    }),
    problems: [],
  }),
  get: defineRoute({
    ...reading,
    method: 'GET',
    path: '/webhooks/deliveries/:id',
    summary: 'One delivery with its body and each attempt',
    params: Id,
    query: Nothing,
    answer: z.object({
      data: WebhookDelivery.extend({
        body: z.string().describe('The body, byte for byte.'),
        attempts_made: z.array(WebhookAttempt).describe('Each attempt, the oldest first; at most the last 100.'),
      }).describe('The delivery.'),
    }),
    problems: ['not_found'],
  }),
  redeliver: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/deliveries/:id/redeliver',
    summary: 'Send a delivery that is over once more',
    description: 'With the same body and the same `webhook-id`, and attempts of its own.',
    params: Id,
    query: Nothing,
    answer: Success,
    problems: ['not_found'],
  }),
  redeliverMany: defineRoute({
    ...writing,
    method: 'POST',
    path: '/webhooks/deliveries/redeliver',
    summary: 'Send many deliveries that are over once more',
    description:
      'Those that all of the choices fit, the oldest first, at most 10,000 a call: call again with `next_cursor` as `cursor` until it is null. How far it is, `GET /webhooks/deliveries/count` says. Without `state` those that failed.',
    query: Nothing,
    body: z.strictObject({
      ...chosen,
      state: z.enum(['delivered', 'failed']).default('failed').describe('Those that were given up, or those that arrived.'),
      ids: z.array(z.uuid()).min(1).max(1_000).optional().describe('Only of these, by their ids.'),
      cursor: z.string().max(32).optional().describe('Go on here: `next_cursor` of the call before.'),
    }),
    answer: z.object({
      data: z
        .object({
          count: z.int().describe('How many are sent again.'),
          more: z.boolean().describe('Whether there may be more that fit.'),
          next_cursor: z.string().nullable().describe('Send it as `cursor` for those; null when these were all.'),
        })
        .describe('What was done.'),
    }),
    problems: ['invalid_cursor'],
  }),
};
