/** Deploying functions: what a CLI sends. */
import * as z from 'zod';
import { JsonObject, Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const Endpoint = z.union([
  z.strictObject({
    method: z.string().describe('The method.'),
    path: z.string().describe('The path below `/v1`.'),
    group: z.string().min(1).max(64).optional().describe('What to file it under.'),
  }),
  z.partialRecord(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), z.string()),
]);
export const sourceLimits = { files: 200, fileChars: 500_000, allChars: 2_000_000 } as const;
/**
 * Writing them must not leave a project, on any system: no `..`, nothing absolute, no drive, no backslash, no name that Windows reserves.
 * Nor may it change what a project is run by: nothing hidden, nothing installed, only what functions import.
 */
export const SourcePath = z
  .string()
  .min(1)
  .max(500)
  .regex(/^(?![A-Za-z]:)[^\\\0/:*?"<>|]+(\/[^\\\0/:*?"<>|]+)*$/, 'Must be a path from the folder of the project, with /')
  .refine((path) => path.split('/').every((part) => !/^\.|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|^node_modules$/i.test(part)), {
    message: 'Must stay in the folder of the project, and not be hidden or installed',
  })
  .refine((path) => /\.(?:[cm]?[jt]s|[jt]sx|json|txt)$/.test(path), { message: 'Must be a source file: .ts, .js, .json or .txt' });
const SourceFiles = z.record(SourcePath, z.string().max(sourceLimits.fileChars)).superRefine((files, context) => {
  const texts = Object.values(files);
  if (texts.length > sourceLimits.files) context.addIssue({ code: 'custom', message: `Has more than ${sourceLimits.files} files` });
  if (texts.reduce((sum, text) => sum + text.length, 0) > sourceLimits.allChars)
    context.addIssue({ code: 'custom', message: `Has more than ${sourceLimits.allChars} characters in all` });
});
const FileBody = z.strictObject({
  js: z.string().min(1).describe('The code to run: one CommonJS file.'),
  ts: z.string().describe('The source, to show.'),
  files: SourceFiles.optional().describe(
    "Relative files that the code was made of, besides the function's own: source text by path from the project's folder, such as `github/helpers/page.ts`. Kept with the version, so that all of it can be pulled. At most 200 files of at most 500,000 characters, 2,000,000 in all.",
  ),
});

/** One sync or action: its definition, bundled code (CommonJS) and source text. */
export const FlowConfig = z.strictObject({
  type: z.enum(['sync', 'action']).describe('What kind of function it is.'),
  syncName: Name.meta({ description: 'The name of the function, of an action too.', examples: ['issues'] }),
  providerConfigKey: ProviderConfigKey,
  models: z
    .array(z.string().min(1).max(255))
    .max(100)
    .describe('The models a sync keeps, or what an action returns, by name. At most 100.'),
  input: z.string().max(255).optional().describe('The name of its input in the schema.'),
  runs: z
    .string()
    .max(64)
    .nullable()
    .describe('Syncs: how often, such as `every 5 minutes`; from 30 seconds to 31 days. Null for actions.'),
  auto_start: z.boolean().default(false).describe('Syncs: begin by itself on a new connection. Default false.'),
  track_deletes: z.boolean().default(false).describe('Syncs: mark records that a full run no longer meets as deleted. Default false.'),
  sync_type: z.enum(['full', 'incremental']).optional().describe('Syncs: whether each run reads all, or what changed.'),
  version: z
    .string()
    .max(255)
    .optional()
    .describe('The version. Without it the last number of the previous one is raised when the code changed.'),
  metadata: z
    .strictObject({
      description: z.string().max(2000).optional().describe('What it does.'),
      scopes: z.array(z.string().max(255)).optional().describe('The scopes at the provider that it needs.'),
    })
    .optional()
    .describe('What to show of it.'),
  attributes: JsonObject.optional().describe('Anything for its code to read.'),
  endpoints: z.array(Endpoint).optional().describe('Where older clients call it, below `/v1`.'),
  webhookSubscriptions: z
    .array(z.string().max(255))
    .optional()
    .describe('The webhooks of the provider that it asks for, by their names; `*`: all.'),
  webhookOrder: z
    .enum(['any', 'connection'])
    .optional()
    .describe('`connection`: those of a connection are handled one after the other, as they came. Default `any`: side by side.'),
  fileBody: FileBody.describe('Its code.'),
  models_json_schema: z
    .looseObject({ definitions: z.record(z.string(), JsonObject).describe('A JSON Schema by name.') })
    .optional()
    .describe('JSON Schema of its models and its input. When it is sent, it must have each of them.'),
  model_schema: z.unknown().optional().describe('Taken from older clients; nothing of it is kept.'),
  features: z.array(z.literal('checkpoints')).optional().describe('What it uses of the platform.'),
});
export type FlowConfig = z.output<typeof FlowConfig>;

/** What an on-event function may run after or before. */
export const onEvents = ['post-connection-creation', 'pre-connection-deletion', 'validate-connection'] as const;
const OnEvent = z.strictObject({
  name: Name.describe('The name of the function.'),
  event: z.enum(onEvents).describe('What it runs after or before.'),
  fileBody: FileBody.describe('Its code.'),
});
const OnEvents = z.array(
  z.strictObject({ providerConfigKey: ProviderConfigKey, scripts: z.array(OnEvent).describe('The functions of that integration.') }),
);

const deployment = {
  flowConfigs: z.array(FlowConfig).describe('The syncs and actions.'),
  onEventScriptsByProvider: OnEvents.optional().describe('The on-event functions, by integration.'),
  postConnectionScriptsByProvider: z.array(z.unknown()).optional().describe('Taken from older clients; nothing of it is deployed.'),
  jsonSchema: JsonObject.optional().describe('Taken from older clients; each function brings its own schema.'),
  reconcile: z.boolean().describe('Whether functions that are missing here are deleted, as far as `deployMode` goes.'),
  debug: z.boolean().describe('Taken from older clients; it changes nothing here.'),
  deployMode: z
    .enum(['all', 'single', 'integration'])
    .default('all')
    .describe(
      'What counts as missing: `all` functions that a repository deployed, those of the same `integration`, or none (`single`). Default `all`.',
    ),
  allowEmpty: z
    .boolean()
    .optional()
    .describe(
      'Whether a deployment without any function is meant: with `deployMode` `all` every function that a repository deployed then counts as missing. Default false: none does.',
    ),
  singleDeployMode: z.boolean().optional().describe('The older form: true is `deployMode: "single"`.'),
  sdkVersion: z
    .string()
    .regex(/\d+\.\d+\.\d+-(zero|yaml)/)
    .optional()
    .describe('The version of the SDK that compiled the functions.'),
};
export const Deployment = z.strictObject({
  ...deployment,
  nangoYamlBody: z.string().describe('Taken from older clients; nothing of it is kept. May be empty.'),
  source: z.enum(['repo', 'standalone']).default('repo').describe('What the functions count as brought by. Default `repo`.'),
});
export type Deployment = z.output<typeof Deployment>;
export const Confirmation = z.strictObject(deployment);
export type Confirmation = z.output<typeof Confirmation>;

const Named = z.looseObject({
  name: z.string().describe('The name of the function.'),
  providerConfigKey: z.string().describe('The key of its integration.'),
});
const NamedSync = Named.extend({
  connections: z.int().min(0).describe('How many connections its integration has: each has the sync, or would.'),
});
export const DeploymentPlan = z.object({
  newSyncs: z.array(NamedSync).describe('Syncs to create.'),
  updatedSyncs: z.array(NamedSync).describe('Syncs that are there and differ.'),
  deletedSyncs: z.array(NamedSync).describe('Syncs to delete.'),
  newActions: z.array(Named).describe('Actions to create.'),
  updatedActions: z.array(Named).describe('Actions that are there and differ.'),
  deletedActions: z.array(Named).describe('Actions to delete.'),
  newOnEventScripts: z.array(Named).describe('On-event functions to create.'),
  updatedOnEventScripts: z.array(Named).describe('On-event functions that are there and differ.'),
  deletedOnEventScripts: z.array(Named).describe('On-event functions to delete.'),
  deletedModels: z
    .array(z.string())
    .describe('Models of which there are connections, and that no sync of their integration would keep any more.'),
  unchanged: z
    .array(Named.extend({ type: z.enum(['sync', 'action', 'on-event']).describe('What kind of function it is.') }))
    .describe('Functions that are there just so; they are not deployed again.'),
});
export type DeploymentPlan = z.infer<typeof DeploymentPlan>;
export const Deployed = z.looseObject({
  name: z.string().describe('The name of the function.'),
  version: z.string().describe('Its version now.'),
  providerConfigKey: z.string().describe('The key of its integration.'),
  type: z.string().describe('What kind of function it is.'),
  models: z.array(z.string()).describe('Its models.'),
  change: z
    .enum(['created', 'updated', 'unchanged'])
    .describe('What became of it. `unchanged`: code and definition were there just so, and its version stays.'),
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
    description:
      'The body of a deployment, without `nangoYamlBody` and `source`. Nothing is changed. What it lists as deleted is deleted only with `reconcile`.',
    body: Confirmation,
    answer: DeploymentPlan,
  }),
  deploy: defineRoute({
    ...shared,
    path: '/sync/deploy',
    summary: 'Deploy functions',
    description:
      'All of them are deployed, or none; one deployment of an environment at a time, else 409. Functions that a repository deployed earlier and that are missing are deleted when `reconcile` says so, unless none is sent at all and `allowEmpty` does not say that it is meant. Work under way keeps the code it started with.',
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
    body: z.strictObject({
      deviceId: z.uuid().describe('The machine, as its command names it.'),
      event: z.string().min(1).max(255).describe('What was done.'),
      ephemeral: z.boolean().optional().describe('Whether the machine is one of many that come and go.'),
    }),
    answer: z.undefined(),
    status: 204,
    problems: [],
  }),
};
