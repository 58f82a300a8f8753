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
    caller: 'apiKey',
    scope: ['environment:functions:invocations'],
    query: Nothing,
    body: z.strictObject({
      connection_id: ConnectionId,
      integration_id: ProviderConfigKey,
      name: Name,
      input: z.unknown().optional(),
      invocation_type: z.enum(['wait', 'no_wait']),
      /** `max_retries`: how often a failure is tried again; with `no_wait` only. */
      options: z.strictObject({ max_retries: z.number().int().min(0).max(5).optional() }).optional(),
    }),
    answer: z.object({ status: z.literal('success'), output: z.unknown() }),
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
