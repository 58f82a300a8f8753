/** Actions: functions called once, with an input and an output. */
import * as z from 'zod';
import { ConnectionHeaders, Flag, Name, Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

/** How a run may fail, in the wire's codes. */
export const runProblems = [
  'action_script_runtime_error',
  'action_script_failure',
  'script_internal_error',
  'script_http_error',
  'script_network_error',
  'script_aborted',
  'script_output_too_large',
  'invalid_action_input',
  'invalid_action_output',
  'execution_timeout',
  'function_runtime_out_of_memory',
  'function_runtime_other',
] as const;

export const Started = z.object({
  id: z.string().describe('The id to ask for the result by, a UUID.'),
  statusUrl: z.string().describe('Where the result will be: a path of this server.'),
});

export const actions = {
  trigger: defineRoute({
    method: 'POST',
    path: '/action/trigger',
    summary: 'Call an action: the answer is what the function returned. With X-Async the answer comes later',
    description:
      'A call may take up to 15 minutes, and goes on when its caller goes away: what it does at the provider may be half done. ' +
      'With `X-Async` the answer is 202 with the address of the result, which also comes as a webhook; only such calls are tried again. Output is at most 2 MB.',
    caller: 'apiKey',
    scope: ['environment:actions:execute'],
    query: Nothing,
    headers: ConnectionHeaders.extend({
      'x-async': Flag.default(false).describe('Answer 202 at once, with where the output will be. Default false.'),
      'x-max-retries': z.coerce
        .number()
        .int()
        .min(0)
        .max(5)
        .default(0)
        .describe('How often a failure is tried again, 0 to 5, with `X-Async` only. Default 0.'),
    }),
    body: z.object({
      action_name: Name.meta({ description: 'The name of the action.', examples: ['create-issue'] }),
      input: z.unknown().optional().describe('What the function gets: any JSON. Left out it is null.'),
    }),
    answer: z.unknown().describe('What the function returned; null when it returned nothing.'),
    accepted: Started,
    problems: ['unknown_connection', 'unknown_provider_config', 'not_found', 'disabled_resource', ...runProblems],
  }),
  result: defineRoute({
    method: 'GET',
    path: '/action/:id',
    summary: 'The output of an action that was called with X-Async',
    description:
      'While the action waits or runs the answer is 404 too, as for an id that does not exist; then its payload has a `state`, `queued` or `running`. An action that failed answers here as it would have to a caller that waited.',
    caller: 'apiKey',
    scope: ['environment:actions:execute'],
    params: z.strictObject({ id: z.uuid().describe('The id that the call was answered with.') }),
    answer: z.unknown().describe('What the function returned; null when it returned nothing.'),
    problems: ['not_found', 'action_pending', ...runProblems],
    wording: { action_pending: { code: 'not_found' } },
  }),
};
