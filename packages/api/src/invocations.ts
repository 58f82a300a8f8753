/** Invocations: an action called by the JSON of one body, for callers that know no headers. */
import * as z from 'zod';
import { runProblems, Started } from './actions.ts';
import { ConnectionId, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

export const invocations = {
  invoke: defineRoute({
    method: 'POST',
    path: '/functions/invocations',
    summary: 'Invoke a function and wait for its output (200), or be told where its result will be (202)',
    description:
      'What an action call does, for callers that can send a body but no headers of their own. With `no_wait` the result is at `statusUrl` later.',
    caller: 'apiKey',
    scope: ['environment:functions:invocations'],
    query: Nothing,
    body: z.strictObject({
      connection_id: ConnectionId,
      integration_id: ProviderConfigKey,
      name: Name.meta({
        description: 'The name of the action. Syncs and on-event functions cannot be invoked.',
        examples: ['create-issue'],
      }),
      input: z.unknown().optional().describe('What the function gets: any JSON. Left out it is null.'),
      invocation_type: z.enum(['wait', 'no_wait']).describe('`wait` for the output, or `no_wait` to be told at once where it will be.'),
      options: z
        .strictObject({
          max_retries: z
            .number()
            .int()
            .min(0)
            .max(5)
            .optional()
            .describe('How often a failure is tried again, 0 to 5, with `no_wait` only. Default 0.'),
        })
        .optional()
        .describe('How to run it.'),
    }),
    answer: z.object({
      status: z.literal('success').describe('The function returned.'),
      output: z.unknown().describe('What it returned; null when it returned nothing.'),
    }),
    /** Where its result will be, as for an action called with `X-Async`. */
    accepted: Started,
    problems: ['unknown_provider_config', 'unknown_connection', 'not_found', 'disabled_resource', 'invalid_invocation', ...runProblems],
    wording: {
      invalid_body: { code: 'validation_error' },
      unknown_provider_config: { code: 'integration_not_found' },
      unknown_connection: { code: 'connection_not_found' },
      not_found: { code: 'unknown_function' },
      disabled_resource: { code: 'function_disabled' },
    },
  }),
};
