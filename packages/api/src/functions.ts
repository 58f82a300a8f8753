/** Functions of an environment, whatever brought them: read one, delete one, and the older list of all of them. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { FunctionSummary } from './integrations.ts';
import { defineRoute } from './route.ts';

const OneFunction = z.strictObject({ uniqueKey: ProviderConfigKey, name: Name });
const inPath = { unknown_provider_config: { code: 'not_found', status: 404 } } as const;

/** A function in the older list. On-event functions have none of what syncs and actions declare, so the lists are empty. */
export const Script = z.object({
  id: z.number(),
  name: z.string(),
  type: z.enum(['sync', 'action', 'on-event']),
  returns: z.array(z.string()),
  description: z.string(),
  attributes: JsonObject,
  scopes: z.array(z.string()),
  version: z.string(),
  source: z.enum(['repo', 'catalog', 'standalone']),
  endpoints: z.array(z.object({ method: z.string(), path: z.string(), group: z.string().nullable() })),
  input: z.string().optional(),
  enabled: z.boolean(),
  last_deployed: z.string(),
  webhookSubscriptions: z.array(z.string()),
  json_schema: JsonObject.nullable(),
  sdk_version: z.string().nullable(),
  /** The names of its models: what a sync keeps, what an action returns. */
  models: z.array(z.string()),
  features: z.array(z.string()),
  sync_type: z.enum(['full', 'incremental']).nullable().optional(),
  auto_start: z.boolean().optional(),
  runs: z.string().nullable().optional(),
  track_deletes: z.boolean().optional(),
  event: z.string().optional(),
});
export type Script = z.infer<typeof Script>;

export const ScriptsOfIntegration = z.object({
  providerConfigKey: z.string(),
  provider: z.string(),
  syncs: z.array(Script),
  actions: z.array(Script),
  'on-events': z.array(Script),
});
export type ScriptsOfIntegration = z.infer<typeof ScriptsOfIntegration>;

/** A function as a tool of a language model. */
export const Tool = z.object({
  name: z.string(),
  description: z.string(),
  parameters: z.object({ type: z.literal('object'), properties: JsonObject, required: z.array(z.string()) }),
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
    body: z.strictObject({ code: SourceText }),
    answer: z.object({ bundle_size_bytes: z.number(), bundled_js: z.string(), compiled_at: z.string() }),
    problems: ['compilation_error', 'execution_environment_unavailable'],
  }),
  get: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name',
    summary: 'Read one deployed function; of several types that share the name the first in the order of the list',
    caller: 'apiKey',
    scope: ['environment:functions:read'],
    params: OneFunction,
    query: z.strictObject({ type: z.enum(['sync', 'action', 'on-event']).optional() }),
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
    query: z.strictObject({ type: z.enum(['sync', 'action']) }),
    answer: z.object({ data: Success }),
    problems: ['unknown_provider_config', 'not_found', 'function_managed_by_deploy'],
    wording: inPath,
  }),
  scripts: defineRoute({
    method: 'GET',
    path: '/scripts/config',
    summary: 'The deployed functions of the environment by integration, or as tools for a language model',
    caller: 'apiKey',
    scope: ['environment:integrations:list_functions'],
    query: z.strictObject({ format: z.enum(['nango', 'openai']).default('nango') }),
    answer: z.union([z.array(ScriptsOfIntegration), z.object({ data: z.array(Tool) })]),
    problems: [],
  }),
};
