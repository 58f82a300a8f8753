/** How many syncs run at once, an addition of Bowline's: what an environment, an integration and a connection may take of what the server runs. */
import * as z from 'zod';
import { ConnectionId, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const RunsMax = z.number().int().min(1).max(1_000_000).nullable();
const Weight = z.number().int().min(1).max(100);
const lowers = 'A number above what the server allows changes nothing. Null: what the server allows.';

const OfEnvironment = z.strictObject({
  weight: Weight.describe('Its part when several environments wait, 1 to 100: twice the weight gets twice the runs. Default 1.'),
  runs_max: RunsMax.describe(`Syncs of the environment that run at once. ${lowers}`),
});
const OfIntegration = z.strictObject({
  runs_max: RunsMax.describe(`Syncs of the integration that run at once. ${lowers}`),
  connection_runs_max: RunsMax.describe(`Syncs of each of its connections that run at once. ${lowers}`),
});
const OfConnection = z.strictObject({
  runs_max: RunsMax.describe(
    'Syncs of the connection that run at once, instead of what its integration says for each; never more than the server allows. Null: as its integration says.',
  ),
});
const running = { running: z.number().describe('How many run now.') };

const Limits = z
  .object({
    server: z
      .object({
        slots: z.number().describe('Syncs that all living processes run at once.'),
        environment: z.number().describe('The most that one environment may run at once.'),
        integration: z.number().describe('The most that one integration may.'),
        connection: z.number().describe('The most that one connection may.'),
        first_runs: z.number().describe('The most that first runs, and runs from the start, may take together.'),
      })
      .describe('What the server allows, in runs, from its setting `BOWLINE_SYNC_LIMITS` and the processes that live.'),
    environment: OfEnvironment.extend(running).describe('The environment.'),
    integration: OfIntegration.extend(running).nullable().describe('The integration; null when none was named.'),
    connection: OfConnection.extend(running).nullable().describe('The connection; null when none was named.'),
  })
  .describe('What each may run at once, and runs.');
export type SyncLimits = z.infer<typeof Limits>;

const named = {
  provider_config_key: ProviderConfigKey.optional().describe('The integration.'),
  connection_id: ConnectionId.optional().describe('The connection. It needs `provider_config_key`.'),
};
const Answer = z.object({ data: Limits });
const common = {
  path: '/sync/limits',
  caller: 'apiKey',
  answer: Answer,
  problems: ['unknown_provider_config', 'unknown_connection'],
} as const;
const needsKey = { message: 'Name the integration, too', path: ['provider_config_key'] };

export const syncLimits = {
  get: defineRoute({
    ...common,
    method: 'GET',
    summary: 'How many syncs may run at once',
    description: 'Of the environment, and of the integration and the connection that are named.',
    scope: ['environment:syncs:read'],
    query: z
      .strictObject(named)
      .refine(({ provider_config_key, connection_id }) => provider_config_key !== undefined || connection_id === undefined, needsKey),
  }),
  update: defineRoute({
    ...common,
    method: 'PATCH',
    summary: 'Change how many syncs may run at once',
    description: 'What is not sent stays. It holds from the next run on, on every process; what runs goes on.',
    scope: ['environment:syncs:update'],
    query: z.strictObject({}),
    body: z
      .strictObject({
        ...named,
        environment: OfEnvironment.partial().optional().describe('What to change of the environment.'),
        integration: OfIntegration.partial().optional().describe('What to change of the integration.'),
        connection: OfConnection.optional().describe('What to change of the connection.'),
      })
      .refine(({ provider_config_key: key, connection_id, integration }) => key !== undefined || !(connection_id ?? integration), needsKey)
      .refine(({ connection_id, connection }) => connection_id !== undefined || !connection, {
        message: 'Name the connection, too',
        path: ['connection_id'],
      }),
  }),
};
export type SyncLimitsChange = Pick<z.output<typeof syncLimits.update.body>, 'environment' | 'integration' | 'connection'>;
