/** The job that deploys one function from its source. Killed half-way it runs again: what it does is one transaction with its own end. */
import { FunctionDeployment } from '@bowline/api/deployments';
import { Problem, problem } from '@bowline/api/problem';
import manifest from '../../package.json' with { type: 'json' };
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Handler } from '../queue/task.ts';
import { type CompiledFunction, compileFunction } from './compile.ts';
import { checkOwn, single } from './deploy-one.ts';
import type { DeployedFunction } from './function.ts';
import { endJob, type FunctionJob, startJob } from './job.ts';
import { failureOf } from './job-failure.ts';
import { deployLogged } from './logged.ts';

/** Of the platform's own failures, and of other deployments in the way; a function that does not compile has had its try. */
const ATTEMPTS_MAX = 5;
/** As the command of this release says it: the authoring API that it was compiled for. */
const sdkVersion = `${manifest.version}-zero`;

export const deployFunctionJob =
  (world: World): Handler<'deploy-function'> =>
  async ({ environmentId, jobId }, { signal, attempt }) => {
    const environment = await lookEnvironmentById(world, environmentId);
    if (!environment) return; // deleted meanwhile
    const job = await startJob(world.db, environmentId, jobId);
    if (!job) return;
    const scope = { ...internalScope(environment), ...(job.askedBy ? { caller: job.askedBy } : {}) };
    try {
      await deployJob(world, scope, { job, signal });
    } catch (error) {
      const passes =
        !(error instanceof Problem) || error.code === 'concurrent_deployment' || error.code === 'execution_environment_unavailable';
      if (signal.aborted || (passes && attempt < ATTEMPTS_MAX)) throw error;
      if (!(error instanceof Problem)) world.log.error({ err: error, job: jobId }, 'a function could not be deployed');
      await endJob(world.db, job, { ok: false, error: failureOf(error, 'deployment_error') });
    }
  };

async function deployJob(world: World, scope: Scope, { job, signal }: { job: FunctionJob; signal: AbortSignal }): Promise<void> {
  const wanted = FunctionDeployment.parse(job.request);
  const source = { integration: job.integration, name: wanted.function_name, code: wanted.code, signal };
  const compiled = await compileFunction(world, scope, source);
  if (compiled.flow.type !== wanted.function_type) {
    const message = `function_type: the source is ${compiled.flow.type === 'sync' ? 'a sync' : 'an action'}, not ${wanted.function_type}`;
    throw problem('compilation_error', { message, payload: { diagnostics: [{ severity: 'error', message }] } });
  }
  await transaction(world.db, async (tx) => {
    const integration = await findIntegration({ db: tx }, scope, job.integration);
    const existing = await checkOwn(tx, scope, { integration, type: wanted.function_type, name: wanted.function_name });
    if (!wanted.allow_destructive) checkModels(existing, compiled);
    const flow = { ...compiled.flow, ...(wanted.version === undefined ? {} : { version: wanted.version }) };
    const deployed = await deployLogged({ ...world, db: tx }, scope, { flowConfigs: [flow], ...single, source: 'standalone', sdkVersion });
    await endJob(tx, job, { ok: true, result: deployed.map(({ name, version }) => ({ name, version })) });
  });
}

/** @throws invalid_request */
function checkModels(existing: DeployedFunction | undefined, { flow }: CompiledFunction): void {
  if (existing?.type !== 'sync') return;
  const lost = existing.config.models.filter((model) => !flow.models.includes(model));
  if (lost.length === 0) return;
  const message = `The sync no longer declares ${lost.join(', ')}: records of ${lost.length === 1 ? 'this model' : 'these models'} would no longer be kept up to date. Send allow_destructive: true if that is meant.`;
  throw problem('invalid_request', { message, payload: { models: lost } });
}
