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

export const Started = z.object({ id: z.string(), statusUrl: z.string() });

export const actions = {
  trigger: defineRoute({
    method: 'POST',
    path: '/action/trigger',
    summary: 'Call an action: the answer is what the function returned. With X-Async the answer comes later',
    caller: 'apiKey',
    scope: ['environment:actions:execute'],
    query: Nothing,
    headers: ConnectionHeaders.extend({
      'x-async': Flag.default(false),
      'x-max-retries': z.coerce.number().int().min(0).max(5).default(0),
    }),
    body: z.object({ action_name: Name, input: z.unknown().optional() }),
    answer: z.unknown(),
    accepted: Started,
    problems: ['unknown_connection', 'unknown_provider_config', 'not_found', 'disabled_resource', ...runProblems],
  }),
  result: defineRoute({
    method: 'GET',
    path: '/action/:id',
    summary: 'The output of an action that was called with X-Async',
    caller: 'apiKey',
    scope: ['environment:actions:execute'],
    params: z.strictObject({ id: z.uuid() }),
    answer: z.unknown(),
    problems: ['not_found', 'action_pending', ...runProblems],
    wording: { action_pending: { code: 'not_found' } },
  }),
};
