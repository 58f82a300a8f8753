/** What the dashboard shows of webhooks that providers sent to an integration: how many, what was refused, and what became of the newest. */
import * as z from 'zod';
import { Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Incoming = z.object({
  id: z.string(),
  /** What functions subscribe to; null where the provider names none. */
  event: z.string().nullable(),
  verified: z.boolean(),
  bytes: z.number(),
  state: z.enum(['stored', 'routed']),
  /** It was for so many connections, started so many runs, and so many deliveries to the app. */
  connections: z.number(),
  runs: z.number(),
  forwards: z.number(),
  received_at: z.string(),
});
export type IncomingWebhook = z.infer<typeof Incoming>;

export const dashboardWebhooks = {
  incoming: defineRoute({
    method: 'GET',
    path: '/api/integrations/:uniqueKey/webhooks',
    summary: 'The webhooks that an integration got lately',
    caller: 'member',
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: Nothing,
    answer: z.object({
      /** Within a day. */
      received: z.number(),
      refused: z.array(z.object({ reason: z.string(), count: z.number() })),
      /** The newest 20, within seven days. */
      newest: z.array(Incoming),
    }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
};
