/** How an integration takes the webhooks of its provider. */
import * as z from 'zod';

export const WebhooksChange = z
  .strictObject({
    secrets: z
      .array(z.string().max(8192))
      .max(3)
      .optional()
      .describe(
        'What the provider signs them with, or its public key as PEM. Several count at once while you exchange one. An empty list: none.',
      ),
    accept_unverified: z
      .boolean()
      .nullable()
      .optional()
      .describe(
        'Whether those are taken that nothing verifies, because the provider signs nothing or no secret is set. `null`: as its provider suggests.',
      ),
    forward_events: z
      .array(z.string().min(1).max(255))
      .max(100)
      .nullable()
      .optional()
      .describe('Only events of these names are forwarded. `null`: all.'),
  })
  .describe('How webhooks of the provider are taken. What is not sent stays.');
export type IntegrationWebhooksChange = z.output<typeof WebhooksChange>;

export const IntegrationWebhooks = z
  .object({
    secrets: z.int().describe('How many secrets are set to verify them with, that of the app included.'),
    verification: z
      .enum(['verified', 'secret_missing', 'unsigned'])
      .describe(
        '`verified`: each must be signed. `secret_missing`: the provider signs, and no secret is set. `unsigned`: it signs nothing that could be verified.',
      ),
    accept_unverified: z.boolean().describe('Whether those are taken that nothing verifies.'),
    forward_events: z.array(z.string()).nullable().describe('Only events of these names are forwarded; null: all.'),
  })
  .describe('How webhooks of the provider are taken.');
export type IntegrationWebhooks = z.infer<typeof IntegrationWebhooks>;

export const SubscriptionSettings = z
  .record(z.string(), z.string().max(8192))
  .describe(
    "What Bowline needs to ask the provider for webhooks, by the names in the `offer` of `GET /subscriptions`, such as a developer's key. Merged with what is there; an empty text takes one away. Secret ones are never shown again.",
  );
