/** Functions of an environment, whatever brought them: read one, delete one, and the older list of all of them. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { FunctionSummary } from './integrations.ts';
import { defineRoute } from './route.ts';

const OneFunction = z.strictObject({
  uniqueKey: ProviderConfigKey,
  name: Name.meta({ description: 'The name of the function.', examples: ['issues'] }),
});
const inPath = { unknown_provider_config: { code: 'not_found', status: 404 } } as const;

/** A function in the older list. On-event functions have none of what syncs and actions declare, so the lists are empty. */
export const Script = z.object({
  id: z.number().describe('Number of the function. It stays when it is deployed again.'),
  name: z.string().describe('The name, unique with its type in the integration.'),
  type: z.enum(['sync', 'action', 'on-event']).describe('What kind of function it is.'),
  returns: z.array(z.string()).describe('The same as `models`.'),
  description: z.string().describe('What its author says of it; may be empty.'),
  attributes: JsonObject.describe('What its author attached to it for its code to read.'),
  scopes: z.array(z.string()).describe('The scopes at the provider that it needs.'),
  version: z.string().describe('The version: as deployed, else counted up with each change of the code.'),
  source: z.enum(['repo', 'catalog', 'standalone']).describe('What brought it.'),
  endpoints: z
    .array(
      z.object({
        method: z.string().describe('The method.'),
        path: z.string().describe('The path below `/v1`.'),
        group: z.string().nullable().describe('What its author files it under.'),
      }),
    )
    .describe('Where older clients call it.'),
  input: z.string().optional().describe('The name of its input in `json_schema`.'),
  enabled: z.boolean().describe('Whether it may run.'),
  last_deployed: z.string().describe('When it was given the version it has.'),
  webhookSubscriptions: z.array(z.string()).describe('The webhooks of the provider that it asks for, by their names; `*`: all.'),
  json_schema: JsonObject.nullable().describe('JSON Schema of its input and models, under `definitions`.'),
  sdk_version: z.string().nullable().describe('The version of the SDK that compiled it.'),
  models: z.array(z.string()).describe('Its models, by name: what a sync keeps, what an action returns.'),
  features: z.array(z.string()).describe('What it uses of the platform, such as `checkpoints`.'),
  sync_type: z.enum(['full', 'incremental']).nullable().optional().describe('Syncs: whether each run reads all, or what changed.'),
  auto_start: z.boolean().optional().describe('Syncs: whether it begins by itself on a new connection.'),
  runs: z.string().nullable().optional().describe('Syncs: how often it runs.'),
  track_deletes: z.boolean().optional().describe('Syncs: whether records that a full run no longer meets are marked as deleted.'),
  event: z.string().optional().describe('On-event functions: what they run after or before.'),
});
export type Script = z.infer<typeof Script>;

export const ScriptsOfIntegration = z.object({
  providerConfigKey: z.string().describe('The key of the integration.'),
  provider: z.string().describe('Its provider.'),
  syncs: z.array(Script).describe('Its syncs.'),
  actions: z.array(Script).describe('Its actions.'),
  'on-events': z.array(Script).describe('Its on-event functions.'),
});
export type ScriptsOfIntegration = z.infer<typeof ScriptsOfIntegration>;

/** A function as a tool of a language model. */
export const Tool = z.object({
  name: z.string().describe('The name of the function.'),
  description: z.string().describe('What its author says of it.'),
  parameters: z
    .object({
      type: z.literal('object').describe('Always an object.'),
      properties: JsonObject.describe('The fields of the input, each as JSON Schema.'),
      required: z.array(z.string()).describe('The fields that must be given.'),
    })
    .describe('What the input must be. Syncs take none.'),
});
export type Tool = z.infer<typeof Tool>;

/** A function of 100 KB is larger than any we know; hostile text of that size is still harmless to the compiler. */
export const SourceText = z.string().min(1).max(100_000);

export const functions = {
  compile: defineRoute({
    method: 'POST',
    path: '/functions/compile',
    summary: 'Compile the source of one function, and check what it declares; nothing is stored',
    caller: 'apiKey',
    scope: ['environment:functions:compile'],
    query: Nothing,
    body: z.strictObject({ code: SourceText.describe('The source, in TypeScript: one file, at most 100,000 characters.') }),
    answer: z.object({
      bundle_size_bytes: z.number().describe('The size of the code, in bytes.'),
      bundled_js: z.string().describe('The code as it would run.'),
      compiled_at: z.string().describe('When it was compiled.'),
    }),
    problems: ['compilation_error', 'execution_environment_unavailable'],
  }),
  get: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name',
    summary: 'Read one deployed function; of several types that share the name the first in the order of the list',
    caller: 'apiKey',
    scope: ['environment:functions:read'],
    params: OneFunction,
    query: z.strictObject({
      type: z.enum(['sync', 'action', 'on-event']).optional().describe('Which one, where several types share the name.'),
    }),
    answer: z.object({ data: FunctionSummary }),
    problems: ['unknown_provider_config', 'not_found'],
    wording: inPath,
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/integrations/:uniqueKey/functions/:name',
    summary: 'Delete one function that no repository deploys; its schedules and records go soon afterwards',
    caller: 'apiKey',
    scope: ['environment:functions:delete'],
    params: OneFunction,
    query: z.strictObject({ type: z.enum(['sync', 'action']).describe('Its type.') }),
    answer: z.object({ data: Success.describe('That it is gone.') }),
    problems: ['unknown_provider_config', 'not_found', 'function_managed_by_deploy', 'concurrent_deployment'],
    wording: inPath,
  }),
  scripts: defineRoute({
    method: 'GET',
    path: '/scripts/config',
    summary: 'The deployed functions of the environment by integration, or as tools for a language model',
    caller: 'apiKey',
    scope: ['environment:integrations:list_functions'],
    query: z.strictObject({
      format: z
        .enum(['nango', 'openai'])
        .default('nango')
        .describe('`nango`: a list by integration. `openai`: syncs and actions as tools for a language model. Default `nango`.'),
    }),
    answer: z.union([z.array(ScriptsOfIntegration), z.object({ data: z.array(Tool).describe('The functions as tools.') })]),
    problems: [],
  }),
};
