/** Deploying functions: what a CLI sends. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Endpoint = z.union([
  z.strictObject({ method: z.string(), path: z.string(), group: z.string().min(1).max(64).optional() }),
  z.partialRecord(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), z.string()),
]);
const FileBody = z.strictObject({ js: z.string().min(1), ts: z.string() });

/** One sync or action: its definition, bundled code (CommonJS) and source text. */
export const FlowConfig = z.strictObject({
  type: z.enum(['sync', 'action']),
  syncName: Name,
  providerConfigKey: ProviderConfigKey,
  models: z.array(z.string().min(1).max(255)).max(100),
  input: z.string().max(255).optional(),
  /** Frequency text such as "every 5 minutes"; checked when it is stored. */
  runs: z.string().max(64).nullable(),
  auto_start: z.boolean().default(false),
  track_deletes: z.boolean().default(false),
  sync_type: z.enum(['full', 'incremental']).optional(),
  version: z.string().max(255).optional(),
  metadata: z.strictObject({ description: z.string().max(2000).optional(), scopes: z.array(z.string().max(255)).optional() }).optional(),
  attributes: JsonObject.optional(),
  endpoints: z.array(Endpoint).optional(),
  webhookSubscriptions: z.array(z.string().max(255)).optional(),
  fileBody: FileBody,
  models_json_schema: z.looseObject({ definitions: z.record(z.string(), JsonObject) }).optional(),
  model_schema: z.unknown().optional(),
  features: z.array(z.literal('checkpoints')).optional(),
});
export type FlowConfig = z.output<typeof FlowConfig>;

const OnEvent = z.strictObject({
  name: Name,
  event: z.enum(['post-connection-creation', 'pre-connection-deletion', 'validate-connection']),
  fileBody: FileBody,
});
const OnEvents = z.array(z.strictObject({ providerConfigKey: ProviderConfigKey, scripts: z.array(OnEvent) }));

const deployment = {
  flowConfigs: z.array(FlowConfig),
  onEventScriptsByProvider: OnEvents.optional(),
  postConnectionScriptsByProvider: z.array(z.unknown()).optional(),
  jsonSchema: JsonObject.optional(),
  reconcile: z.boolean(),
  debug: z.boolean(),
  deployMode: z.enum(['all', 'single', 'integration']).default('all'),
  singleDeployMode: z.boolean().optional(),
  sdkVersion: z
    .string()
    .regex(/\d+\.\d+\.\d+-(zero|yaml)/)
    .optional(),
};
export const Deployment = z.strictObject({
  ...deployment,
  nangoYamlBody: z.string(),
  source: z.enum(['repo', 'standalone']).default('repo'),
});
export type Deployment = z.output<typeof Deployment>;
export const Confirmation = z.strictObject(deployment);
export type Confirmation = z.output<typeof Confirmation>;

const Named = z.looseObject({ name: z.string(), providerConfigKey: z.string() });
export const DeploymentPlan = z.object({
  newSyncs: z.array(Named),
  updatedSyncs: z.array(Named),
  deletedSyncs: z.array(Named),
  newActions: z.array(Named),
  updatedActions: z.array(Named),
  deletedActions: z.array(Named),
  newOnEventScripts: z.array(Named),
  updatedOnEventScripts: z.array(Named),
  deletedOnEventScripts: z.array(Named),
  deletedModels: z.array(z.string()),
});
export type DeploymentPlan = z.infer<typeof DeploymentPlan>;
export const Deployed = z.looseObject({
  name: z.string(),
  version: z.string(),
  providerConfigKey: z.string(),
  type: z.string(),
  models: z.array(z.string()),
});

const shared = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:deploy'],
  query: Nothing,
  problems: ['unknown_provider_config', 'deploy_missing_json_schema_model', 'invalid_cli_version'],
} as const;

export const deploy = {
  confirm: defineRoute({
    ...shared,
    path: '/sync/deploy/confirmation',
    summary: 'What a deployment would change',
    body: Confirmation,
    answer: DeploymentPlan,
  }),
  deploy: defineRoute({
    ...shared,
    path: '/sync/deploy',
    summary: 'Deploy functions',
    body: Deployment,
    answer: z.array(Deployed),
    problems: [...shared.problems, 'concurrent_deployment'],
  }),
  /** The reference system's operators deploy here for others; no caller of ours is one. */
  internal: defineRoute({
    method: 'POST',
    path: '/sync/deploy/internal',
    summary: 'Kept for operators of the reference system: answers 403 to everybody',
    caller: 'apiKey',
    answer: z.never(),
    problems: ['forbidden'],
  }),
  /** Clients of the reference system report their use. Bowline keeps none of it. */
  telemetry: defineRoute({
    method: 'POST',
    path: '/cli/telemetry',
    summary: 'Takes a usage event of a command and drops it: Bowline keeps no telemetry',
    caller: 'public',
    query: Nothing,
    body: z.strictObject({ deviceId: z.uuid(), event: z.string().min(1).max(255), ephemeral: z.boolean().optional() }),
    answer: z.undefined(),
    status: 204,
    problems: [],
  }),
};
