/** Subscriptions to webhooks, an addition of Bowline's: what it asked providers to send, for each connection or for a whole app, and keeps up. */
import * as z from 'zod';
import { ConnectionId, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

export const Subscription = z
  .object({
    id: z.string().describe('Names the subscription; part of the address that the provider was given.'),
    integration: z.string().describe('The unique key of the integration.'),
    connection: z.string().nullable().describe('The id of the connection; null for one of the whole integration.'),
    target: z.string().nullable().describe('What it is about, such as a repository; null for the whole account.'),
    events: z.array(z.string()).describe('The events that the provider was asked for, in its own words. Empty where it is not told which.'),
    state: z
      .enum(['asking', 'failing', 'active', 'leaving'])
      .describe(
        '`asking`: the provider is about to be asked. `failing`: it refused, and is asked again at `next_at`. `active`: it sends. `leaving`: it is told to stop.',
      ),
    error: z.string().nullable().describe('Why it was refused the last time; null when it was not.'),
    made_at: z.string().nullable().describe('When the provider agreed; null before.'),
    expires_at: z.string().nullable().describe('When it ends unless it is renewed before; null where it does not end by itself.'),
    next_at: z
      .string()
      .nullable()
      .describe('When the provider is asked again: to go on, whether it is still there, or after a failure; null for never.'),
    last_event_at: z.string().nullable().describe('When a webhook came through it, to the minute; null for never.'),
  })
  .describe('One thing that a provider was asked to send webhooks about.');
export type Subscription = z.infer<typeof Subscription>;

const Offer = z
  .object({
    of: z
      .enum(['connection', 'integration'])
      .describe('Whether each connection has one, or the whole integration: then the provider is asked with what its developer has.'),
    manages: z.boolean().describe('Whether the integration does it: its `manage_subscriptions`.'),
    scopes: z.array(z.string()).describe('What a connection must be allowed at the provider for it.'),
    target: z
      .object({
        title: z.string().describe('What one subscription is about, in the words of the provider.'),
        metadata: z.string().describe('The key in the metadata of a connection that names it: a text, or a list.'),
        default: z.string().nullable().describe('Where the metadata names none; null: then there is none.'),
      })
      .nullable()
      .describe('What has to be said for each connection; null where a subscription is about the whole account.'),
    settings: z
      .array(
        z.object({
          name: z.string().describe('Its name in `subscription_settings` of the integration.'),
          title: z.string().describe('What it is, in the words of the provider.'),
          description: z.string().describe('Where it is found.'),
          example: z.string().nullable().describe('A made-up value.'),
          secret: z.boolean().describe('Whether it is never shown again.'),
          required: z.boolean().describe('Whether nothing can be asked without it.'),
          set: z.boolean().describe('Whether the integration has one.'),
          value: z.string().nullable().describe('What was entered; null where it is secret or not set.'),
        }),
      )
      .describe('What the developer enters first.'),
    docs: z.string().describe("The provider's page."),
  })
  .describe('What Bowline can ask the provider for.');

export const subscriptions = {
  list: defineRoute({
    method: 'GET',
    path: '/subscriptions',
    summary: 'List subscriptions to webhooks of a provider',
    description:
      'What the provider was asked to send for each connection of the integration, or for all of them, by connection and target, a thousand at most.',
    caller: 'apiKey',
    scope: ['environment:integrations:read'],
    query: z.strictObject({
      provider_config_key: ProviderConfigKey.describe('The integration.'),
      connection_id: ConnectionId.optional().describe('Only those of this connection.'),
    }),
    answer: z.object({
      offer: Offer.nullable().describe(
        'Null where Bowline cannot do it for this provider: register the address of the webhooks there yourself.',
      ),
      data: z.array(Subscription).describe('The subscriptions.'),
    }),
    problems: ['unknown_provider_config'],
  }),
  renew: defineRoute({
    method: 'POST',
    path: '/subscriptions/:id/renew',
    summary: 'Ask the provider again for one subscription',
    description: 'At once, whatever is planned: made anew where it was refused or is there already.',
    caller: 'apiKey',
    scope: ['environment:integrations:update'],
    params: z.strictObject({ id: z.uuid().describe('The subscription.') }),
    query: z.strictObject({}),
    answer: z.object({ data: Subscription }),
    problems: ['not_found'],
  }),
};
