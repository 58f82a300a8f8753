/** Functions deployed one by one over the API, from source text or from the catalogue. Code is compiled later, so its caller polls. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { SourceText } from './functions.ts';
import { defineRoute } from './route.ts';

export const jobStates = ['waiting', 'running', 'success', 'failed'] as const;
export const JobStarted = z.object({
  id: z.string().describe('The id to ask how far it is by, a UUID. Kept for 14 days.'),
  status: z.enum(jobStates).describe('How it stands now.'),
  created_at: z.string().describe('When it was asked for.'),
});
export type JobStarted = z.infer<typeof JobStarted>;
export const IntegrationOfJob = ProviderConfigKey.refine((key) => key !== '.' && key !== '..', 'This cannot be the key of an integration');

/** What every job says of itself. */
export const Job = z.object({
  id: z.string().describe('The id.'),
  status: z.enum(jobStates).describe('How it stands: it ends as `success` or `failed`.'),
  integration_id: z.string().describe('The key of the integration.'),
  function_type: z.enum(['sync', 'action']).describe('What kind of function it is.'),
  created_at: z.string().describe('When it was asked for.'),
  updated_at: z.string().describe('When it changed last.'),
  started_at: z.string().optional().describe('When it began.'),
  completed_at: z.string().optional().describe('When it ended.'),
  duration_ms: z.number().optional().describe('Milliseconds from begin to end.'),
  output: z.string().optional().describe('What the function logged, a line each. Dry runs only.'),
  result: z.unknown().optional().describe('What an action returned, or what a sync would have stored. Dry runs only.'),
  error: z
    .object({
      code: z.string().describe('Stable; decide by it.'),
      message: z.string().describe('For people.'),
      payload: z.unknown().optional().describe('More about this case, where there is more.'),
    })
    .optional()
    .describe('Why it failed.'),
});
export type Job = z.infer<typeof Job>;

export const FunctionDeployment = z.strictObject({
  type: z.literal('function').describe('From source text.'),
  integration_id: IntegrationOfJob,
  function_name: Name.meta({
    description: 'The name of the function. One of the same name and type is replaced, if it came this way.',
    examples: ['issues'],
  }),
  function_type: z.enum(['sync', 'action']).describe('What the source must be.'),
  code: SourceText.describe('The source, in TypeScript: one file, at most 100,000 characters.'),
  version: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The version. Without it the last number of the previous one is raised when the code changed.'),
  allow_destructive: z
    .boolean()
    .default(false)
    .describe('Whether a sync may drop a model that it had: its records would no longer be kept up to date. Default false.'),
});
export type FunctionDeployment = z.output<typeof FunctionDeployment>;
export const TemplateDeployment = z.strictObject({
  type: z.literal('template').describe('From the catalogue.'),
  integration_id: IntegrationOfJob,
  template: Name.meta({ description: 'The function of the catalogue, by name.', examples: ['issues'] }),
  function_type: z
    .enum(['sync', 'action'])
    .optional()
    .describe('Which one, where a sync and an action share the name; without it that is 409.'),
});
export type TemplateDeployment = z.output<typeof TemplateDeployment>;

/** A function of the catalogue. */
export const Template = z.object({
  name: z.string().describe('The name to deploy it by.'),
  type: z.enum(['action', 'sync']).describe('What kind of function it is.'),
  description: z.string().optional().describe('What it does.'),
  scopes: z.array(z.string()).optional().describe('The scopes at the provider that it needs.'),
  input: z.string().optional().describe('The name of its input in `json_schema`.'),
  returns: z.array(z.string()).describe('The models a sync keeps, or what an action returns, by name.'),
  json_schema: JsonObject.nullable().describe('JSON Schema of its input and models, under `definitions`.'),
  runs: z.string().nullable().optional().describe('Syncs: how often it runs.'),
  auto_start: z.boolean().optional().describe('Syncs: whether it begins by itself on a new connection.'),
  track_deletes: z.boolean().optional().describe('Syncs: whether records that a full run no longer meets are marked as deleted.'),
});
export type Template = z.infer<typeof Template>;

const ById = z.strictObject({ id: z.uuid().describe('The id that the deployment was answered with.') });
const shared = { caller: 'apiKey', scope: ['environment:deploy'], query: Nothing } as const;

export const deployments = {
  templates: defineRoute({
    method: 'GET',
    path: '/providers/:provider/templates',
    summary: 'The functions that the catalogue has for a provider, actions first',
    caller: 'apiKey',
    params: z.strictObject({ provider: Name.meta({ description: 'The provider, by its name in the catalogue.', examples: ['github'] }) }),
    query: Nothing,
    answer: z.object({ data: z.array(Template).describe('The functions. None for a provider that the catalogue does not have.') }),
    problems: [],
  }),
  start: defineRoute({
    ...shared,
    method: 'POST',
    path: '/functions/deployments',
    summary: 'Deploy one function: source text is compiled later, a function of the catalogue is deployed at once',
    description:
      'Ask `GET /functions/deployments/:id` how a deployment from source text goes; one from the catalogue has ended when it is answered. Other functions are left alone. ' +
      'A function that a repository or the catalogue brought is not replaced: that is `invalid_request`.',
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
      function_name: z.string().optional().describe('The name of the function.'),
      deployed: z.boolean().optional().describe('Whether it is deployed now.'),
      deployed_functions: z
        .array(z.object({ name: z.string().describe('The name.'), version: z.string().describe('The version.') }))
        .optional()
        .describe('What was deployed.'),
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
