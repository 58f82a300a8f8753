/** Functions deployed one by one over the API, from source text or from the catalogue. Code is compiled later, so its caller polls. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { SourceText } from './functions.ts';
import { defineRoute } from './route.ts';

export const jobStates = ['waiting', 'running', 'success', 'failed'] as const;
export const JobStarted = z.object({ id: z.string(), status: z.enum(jobStates), created_at: z.string() });
export type JobStarted = z.infer<typeof JobStarted>;
export const IntegrationOfJob = ProviderConfigKey.refine((key) => key !== '.' && key !== '..', 'This cannot be the key of an integration');

/** What every job says of itself. */
export const Job = z.object({
  id: z.string(),
  status: z.enum(jobStates),
  integration_id: z.string(),
  function_type: z.enum(['sync', 'action']),
  created_at: z.string(),
  updated_at: z.string(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  duration_ms: z.number().optional(),
  output: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string(), payload: z.unknown().optional() }).optional(),
});
export type Job = z.infer<typeof Job>;

export const FunctionDeployment = z.strictObject({
  type: z.literal('function'),
  integration_id: IntegrationOfJob,
  function_name: Name,
  function_type: z.enum(['sync', 'action']),
  code: SourceText,
  version: z.string().min(1).max(255).optional(),
  /** Without it a sync keeps every model it has: records of a model that it no longer declares would be lost. */
  allow_destructive: z.boolean().default(false),
});
export type FunctionDeployment = z.output<typeof FunctionDeployment>;
export const TemplateDeployment = z.strictObject({
  type: z.literal('template'),
  integration_id: IntegrationOfJob,
  template: Name,
  function_type: z.enum(['sync', 'action']).optional(),
});
export type TemplateDeployment = z.output<typeof TemplateDeployment>;

/** A function of the catalogue. */
export const Template = z.object({
  name: z.string(),
  type: z.enum(['action', 'sync']),
  description: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  input: z.string().optional(),
  returns: z.array(z.string()),
  json_schema: JsonObject.nullable(),
  runs: z.string().nullable().optional(),
  auto_start: z.boolean().optional(),
  track_deletes: z.boolean().optional(),
});
export type Template = z.infer<typeof Template>;

const ById = z.strictObject({ id: z.uuid() });
const shared = { caller: 'apiKey', scope: ['environment:deploy'], query: Nothing } as const;

export const deployments = {
  templates: defineRoute({
    method: 'GET',
    path: '/providers/:provider/templates',
    summary: 'The functions that the catalogue has for a provider, actions first',
    caller: 'apiKey',
    params: z.strictObject({ provider: Name }),
    query: Nothing,
    answer: z.object({ data: z.array(Template) }),
    problems: [],
  }),
  start: defineRoute({
    ...shared,
    method: 'POST',
    path: '/functions/deployments',
    summary: 'Deploy one function: source text is compiled later, a function of the catalogue is deployed at once',
    body: z.discriminatedUnion('type', [FunctionDeployment, TemplateDeployment]),
    answer: JobStarted,
    status: 202,
    problems: [
      'unknown_provider_config',
      'template_not_found',
      'template_already_deployed',
      'ambiguous_function',
      'invalid_request',
      'concurrent_deployment',
    ],
    wording: { unknown_provider_config: { code: 'integration_not_found' } },
  }),
  get: defineRoute({
    ...shared,
    method: 'GET',
    path: '/functions/deployments/:id',
    summary: 'How far a deployment of one function is',
    params: ById,
    answer: Job.extend({
      function_name: z.string().optional(),
      deployed: z.boolean().optional(),
      deployed_functions: z.array(z.object({ name: z.string(), version: z.string() })).optional(),
    }),
    problems: ['deployment_not_found'],
  }),
  result: defineRoute({
    method: 'POST',
    path: '/functions/deployments/:id/result',
    summary: 'Kept for remote sandboxes of the reference system: ours are local and report here to nobody, so it answers 403',
    caller: 'apiKey',
    params: ById,
    query: Nothing,
    answer: z.never(),
    problems: ['forbidden'],
  }),
};
