/** What was deployed when, by whom: deployments, versions of functions, and the way back to them. Nothing in here is ever changed. */
import * as z from 'zod';
import { Name, Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const FunctionKind = z.enum(['sync', 'action', 'on-event']);
const By = z
  .object({
    type: z.enum(['api_key', 'member']).describe('`api_key`: a key of the environment. `member`: somebody at the dashboard.'),
    name: z.string().describe('What the key or the member was called then.'),
  })
  .nullable()
  .describe('Who deployed it; null where that is not known.');

const VersionName = z.object({
  number: z.number().describe('The number, counted for each function from 1. It names the version.'),
  version: z.string().describe('The label: what its author says, else counted. Two versions may have the same one.'),
});

export const Deployment = z.object({
  number: z.number().describe('The number, counted in the environment from 1.'),
  kind: z
    .enum(['baseline', 'deploy', 'rollback', 'delete'])
    .describe('What it was. `baseline`: all that was deployed before this server kept a history. `delete`: one function, by itself.'),
  deployed_by: By,
  target: z.number().nullable().describe('Of a rollback of everything: the deployment that was gone back to.'),
  operation_id: z.string().nullable().describe('Its entry in the activity log, as long as that is kept.'),
  unchanged: z.number().describe('How many functions it held that were there just so.'),
  created_at: z.string().describe('When.'),
});
export type Deployment = z.infer<typeof Deployment>;

/** What a deployment did to one function. */
export const FunctionChange = z.object({
  change: z
    .enum(['created', 'updated', 'deleted', 'rolled_back', 'restored'])
    .describe('`rolled_back`: to another version that there had been. `restored`: it had been deleted.'),
  integration: z.string().describe('The key of its integration.'),
  name: z.string().describe('The name of the function.'),
  type: FunctionKind.describe('What kind of function it is.'),
  from: VersionName.nullable().describe('The version that was there; null for none.'),
  to: VersionName.nullable().describe('The version that is there since; null for none.'),
});
export type FunctionChange = z.infer<typeof FunctionChange>;

const DeploymentWithChanges = Deployment.extend({ changes: z.array(FunctionChange).describe('By integration, type and name.') });
export type DeploymentWithChanges = z.infer<typeof DeploymentWithChanges>;

export const FunctionVersion = VersionName.extend({
  type: FunctionKind.describe('What kind of function it is.'),
  current: z.boolean().describe('Whether it is the one that runs. None is, once the function was deleted.'),
  source: z.enum(['repo', 'catalog', 'standalone']).describe('What brought it.'),
  deployment: z.number().describe('The deployment that brought it.'),
  deployed_by: By,
  created_at: z.string().describe('When it was deployed.'),
  code_hash: z
    .string()
    .describe('The content of its code, as a hash: versions of the same code have the same. The first 12 hexadecimal digits.'),
  code_kept: z.boolean().describe('Whether its code is still there to be read and to go back to.'),
  models: z.array(z.string()).describe('Its models, by name.'),
  runs: z.string().nullable().describe('Syncs: how often it runs.'),
});
export type FunctionVersion = z.infer<typeof FunctionVersion>;

export const Rollback = z.object({
  deployment: z.number().nullable().describe('The deployment that this is; null for a preview, and when there was nothing to change.'),
  changes: z.array(FunctionChange).describe('What it changes: `rolled_back`, `restored` and `deleted`. By integration, type and name.'),
  unchanged: z.number().describe('How many functions are as they were then.'),
  deletedModels: z.array(z.string()).describe('Models that no sync keeps any more. Records of a deleted sync go with it.'),
});
export type Rollback = z.infer<typeof Rollback>;

const OneFunction = z.strictObject({
  uniqueKey: ProviderConfigKey,
  name: Name.meta({ description: 'The name of the function.', examples: ['issues'] }),
});
const OneDeployment = z.strictObject({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_147_483_647)
    .describe('The number of the deployment.')
    .meta({ examples: [12] }),
});
const which = FunctionKind.optional().describe('Which one, where several types share the name; without it that is 409.');
const inPath = { unknown_provider_config: { code: 'not_found', status: 404 } } as const;
const back = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:deploy'],
  query: Nothing,
  answer: z.object({ data: Rollback.describe('What changes.') }),
} as const;
const wholeDeployment = { ...back, params: OneDeployment, problems: ['not_found', 'rollback_impossible'] } as const;
const oneFunction = {
  ...back,
  params: OneFunction,
  body: z.strictObject({
    type: which,
    version: z.int().min(1).max(2_147_483_647).describe('The number of the version to go back to.'),
  }),
  problems: ['unknown_provider_config', 'not_found', 'ambiguous_function', 'rollback_impossible'],
  wording: inPath,
} as const;

const before = z.coerce
  .number()
  .int()
  .min(1)
  .max(2_147_483_647)
  .optional()
  .describe('Only those with a lower number: the last one of the page before.');

export const history = {
  deployments: defineRoute({
    method: 'GET',
    path: '/deployments',
    summary: 'The deployments of the environment, the newest first',
    caller: 'apiKey',
    scope: ['environment:functions:list'],
    query: z.strictObject({
      before,
      limit: z.coerce.number().int().min(1).max(100).default(20).describe('Deployments a page, 1 to 100. Default 20.'),
    }),
    answer: z.object({ data: z.array(DeploymentWithChanges).describe('Each with what it changed.') }),
    problems: [],
  }),
  deployment: defineRoute({
    method: 'GET',
    path: '/deployments/:number',
    summary: 'One deployment, with what it changed',
    caller: 'apiKey',
    scope: ['environment:functions:list'],
    params: OneDeployment,
    query: Nothing,
    answer: z.object({ data: DeploymentWithChanges.describe('The deployment.') }),
    problems: ['not_found'],
  }),
  rollBack: defineRoute({
    ...wholeDeployment,
    path: '/deployments/:number/rollback',
    summary: 'Make all functions as they were after a deployment',
    description:
      'Functions that were deleted since are there again, with nothing of their records; those that came since are deleted, with schedules and records. It is a deployment itself: all of it or nothing, one at a time, and work under way keeps the code it started with.',
    problems: [...wholeDeployment.problems, 'concurrent_deployment'],
  }),
  previewRollBack: defineRoute({
    ...wholeDeployment,
    path: '/deployments/:number/rollback/preview',
    summary: 'What going back to a deployment would change; nothing is changed',
  }),
  versions: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name/versions',
    summary: 'The versions of a function, the newest first, also when it was deleted',
    description: 'Read the source of one with `GET /integrations/:uniqueKey/functions/:name/code?version=<number>`.',
    caller: 'apiKey',
    scope: ['environment:functions:read'],
    params: OneFunction,
    query: z.strictObject({
      type: which,
      before,
      limit: z.coerce.number().int().min(1).max(100).default(50).describe('Versions a page, 1 to 100. Default 50.'),
    }),
    answer: z.object({ data: z.array(FunctionVersion).describe('The versions.') }),
    problems: ['unknown_provider_config', 'not_found', 'ambiguous_function'],
    wording: inPath,
  }),
  rollBackFunction: defineRoute({
    ...oneFunction,
    path: '/integrations/:uniqueKey/functions/:name/rollback',
    summary: 'Give a function the code and the definition of an earlier version',
    description:
      'A function that was deleted is there again. Other functions are left alone. Its frequency follows; what connections set themselves stays. The next deployment from a repository replaces it.',
    problems: [...oneFunction.problems, 'concurrent_deployment'],
  }),
  previewRollBackFunction: defineRoute({
    ...oneFunction,
    path: '/integrations/:uniqueKey/functions/:name/rollback/preview',
    summary: 'What giving a function an earlier version would change; nothing is changed',
  }),
};
