/** Deploy one function over the API: source text in a job, since it is compiled first; a function of the catalogue at once. */
import type { FlowConfig } from '@bowline/api/deploy';
import type { FunctionDeployment, TemplateDeployment } from '@bowline/api/deployments';
import { problem } from '@bowline/api/problem';
import { transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { enqueue } from '../queue/enqueue.ts';
import { lookFunction } from './find.ts';
import type { DeployedFunction } from './function.ts';
import { createJob, endJob, type FunctionJob, lookJob, startJob } from './job.ts';
import { deployLogged } from './logged.ts';
import { templatesOf } from './template.ts';

/** @throws unknown_provider_config, invalid_request */
export async function startDeployment(world: World, scope: Scope, wanted: FunctionDeployment): Promise<FunctionJob> {
  const integration = await findIntegration(world, scope, wanted.integration_id);
  await checkOwn(world.db, scope, { integration, type: wanted.function_type, name: wanted.function_name });
  return transaction(world.db, async (tx) => {
    const job = await createJob(tx, scope, {
      id: world.random.uuid(),
      kind: 'deployment',
      integration: integration.uniqueKey,
      functionType: wanted.function_type,
      functionName: wanted.function_name,
      request: wanted,
      askedBy: scope.caller,
    });
    await enqueue(tx, { task: 'deploy-function', payload: { environmentId: scope.environment.id, jobId: job.id } });
    return job;
  });
}

/** What a repository or the catalogue deployed is not replaced by a single function. @throws invalid_request */
export async function checkOwn(
  db: Database,
  scope: Scope,
  { integration, type, name }: { integration: Integration; type: 'sync' | 'action'; name: string },
): Promise<DeployedFunction | undefined> {
  const fn = await lookFunction({ db }, scope, { integrationId: integration.id, type, name });
  if (!fn || fn.source === 'standalone') return fn;
  const advice = fn.source === 'repo' ? 'is deployed from a repository; change it there' : 'came from the catalogue; delete it first';
  throw problem('invalid_request', { message: `The ${type} "${name}" ${advice}, or choose another name` });
}

/** @returns the job, ended. @throws unknown_provider_config, template_not_found, ambiguous_function, template_already_deployed, concurrent_deployment */
export async function deployTemplate(world: World, scope: Scope, wanted: TemplateDeployment): Promise<FunctionJob> {
  const integration = await findIntegration(world, scope, wanted.integration_id);
  const { flow, sdkVersion } = await chooseTemplate(world, integration, wanted);
  return transaction(world.db, async (tx) => {
    const existing = await lookFunction({ db: tx }, scope, { integrationId: integration.id, type: flow.type, name: flow.syncName });
    if (existing)
      throw problem('template_already_deployed', {
        message: `The integration "${integration.uniqueKey}" already has ${flow.type === 'sync' ? 'a sync' : 'an action'} "${flow.syncName}"`,
      });
    const identity = { integration: integration.uniqueKey, functionType: flow.type, functionName: flow.syncName };
    const { id } = await createJob(tx, scope, {
      id: world.random.uuid(),
      kind: 'deployment',
      ...identity,
      request: wanted,
      askedBy: scope.caller,
    });
    await startJob(tx, scope.environment.id, id);
    const deployed = await deployLogged({ ...world, db: tx }, scope, {
      flowConfigs: [moved(flow, integration.uniqueKey)],
      ...single,
      source: 'catalog',
      sdkVersion,
    });
    await endJob(
      tx,
      { environmentId: scope.environment.id, id },
      { ok: true, result: deployed.map(({ name, version }) => ({ name, version })) },
    );
    const job = await lookJob(tx, scope, { kind: 'deployment', id });
    if (!job) throw new Error(`the job ${id} vanished`);
    return job;
  });
}

/** To another folder: the files it imports lie beside it there. */
function moved({ fileBody, ...flow }: FlowConfig, providerConfigKey: string): FlowConfig {
  const files = Object.entries(fileBody.files ?? {}).map(([path, text]) => {
    const [folder, ...rest] = path.split('/');
    return [folder === flow.providerConfigKey ? [providerConfigKey, ...rest].join('/') : path, text];
  });
  return { ...flow, providerConfigKey, fileBody: { ...fileBody, ...(files.length > 0 ? { files: Object.fromEntries(files) } : {}) } };
}

/** Touches nothing but the function it names. */
export const single = { deployMode: 'single', reconcile: false, debug: false } as const;

async function chooseTemplate(
  world: Pick<World, 'templatesPath'>,
  { provider }: Integration,
  { template, function_type: type }: TemplateDeployment,
) {
  const { functions, sdkVersion } = await templatesOf(world, provider);
  const [flow, ...others] = functions.filter((one) => one.syncName === template && (!type || one.type === type));
  if (!flow)
    throw problem('template_not_found', {
      message: `The catalogue has no ${type ?? 'function'} "${template}" for the provider "${provider}"`,
    });
  if (others.length === 0) return { flow, sdkVersion };
  const matches = [flow, ...others].map((one) => ({ type: one.type, name: one.syncName }));
  throw problem('ambiguous_function', {
    message: `The provider has ${matches.length} functions "${template}"; send function_type`,
    payload: { matches },
  });
}
