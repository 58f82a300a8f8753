/** The doors of deployments: confirm, deploy, and reading and deleting what is deployed. */
import { dashboardProviders } from '@bowline/api/dashboard-providers';
import { deploy } from '@bowline/api/deploy';
import { deployments } from '@bowline/api/deployments';
import { bundles } from '@bowline/api/function-bundle';
import { functions } from '@bowline/api/functions';
import { history } from '@bowline/api/history';
import { integrations } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import type { Serve } from '../http/serve.ts';
import { deployBundle, planBundle } from './bundle.ts';
import { checkCommand } from './command-version.ts';
import { compileFunction } from './compile.ts';
import { deleteFunction } from './delete.ts';
import { deployTemplate, startDeployment } from './deploy-one.ts';
import { wireFunction } from './function.ts';
import { providerGuide } from './guide.ts';
import { findDeployment, listDeployments, listVersions } from './history.ts';
import { deployedBy, lookJob, startedJob, wireJob } from './job.ts';
import { functionsNamed, pageOfFunctions } from './list.ts';
import { deployLogged } from './logged.ts';
import { type Impact, planDeployment, wirePlan } from './plan.ts';
import { previewRollback, rollBack } from './rollback.ts';
import { listTools, scriptsByIntegration } from './scripts.ts';
import { findSource } from './source.ts';
import { templatesOf, wireTemplate } from './template.ts';

/** @param impactOf counts the connections of each integration; they live on a higher floor */
export function bindDeploymentRoutes(serve: Serve, world: World, impactOf: (world: World, scope: Scope) => Promise<Impact>): void {
  serve(deploy.confirm).by(async ({ body }, scope, { request }) => {
    checkCommand(request.headers['user-agent']);
    return wirePlan(await planDeployment(world, scope, body), await impactOf(world, scope));
  });

  serve(deploy.deploy).by(async ({ body }, scope, { request }) => {
    checkCommand(request.headers['user-agent']);
    return deployLogged(world, scope, body);
  });
  serve(deploy.internal).by(() => {
    throw problem('forbidden', { message: 'Only operators of the reference system deploy here; use POST /sync/deploy' });
  });
  serve(deploy.telemetry).by(async () => undefined);

  serve(integrations.functions).by(async ({ params, query }, scope) => {
    const { total, data } = await pageOfFunctions(world, scope, params.uniqueKey, query);
    return { data, pagination: { total, page: query.page, limit: query.limit } };
  });
  serve(functions.get).by(async ({ params, query }, scope) => {
    const [fn] = await functionsNamed(world, scope, { ...params, ...query });
    return { data: wireFunction(fn) };
  });
  serve(integrations.functionCode).by(({ params, query }, scope) => findSource(world, scope, { ...params, ...query }));
  serve(dashboardProviders.guide).by(({ params, query }, scope) => providerGuide(world, scope, { ...params, ...query }));
  serve(functions.compile).by(async ({ body }, scope) => {
    const { flow, bytes } = await compileFunction(world, scope, { integration: 'integration', name: 'function', code: body.code });
    return { bundle_size_bytes: bytes, bundled_js: flow.fileBody.js, compiled_at: world.clock.now().toISOString() };
  });
  serve(functions.remove).by(async ({ params, query }, scope) => {
    await deleteFunction(world, scope, { ...params, ...query });
    return { data: { success: true } };
  });
  serve(functions.scripts).by(async ({ query }, scope) =>
    query.format === 'openai' ? { data: await listTools(world, scope) } : scriptsByIntegration(world, scope),
  );
  bindSingle(serve, world);
  bindHistory(serve, world);
}

function bindHistory(serve: Serve, world: World): void {
  serve(history.deployments).by(async ({ query }, scope) => ({ data: await listDeployments(world, scope, query) }));
  serve(history.deployment).by(async ({ params }, scope) => ({ data: await findDeployment(world, scope, params.number) }));
  serve(history.versions).by(async ({ params, query }, scope) => ({ data: await listVersions(world, scope, { ...params, ...query }) }));
  serve(history.rollBack).by(async ({ params }, scope) => ({ data: await rollBack(world, scope, { deployment: params.number }) }));
  serve(history.previewRollBack).by(async ({ params }, scope) => ({
    data: await previewRollback(world, scope, { deployment: params.number }),
  }));
  serve(history.rollBackFunction).by(async ({ params, body }, scope) => ({ data: await rollBack(world, scope, { ...params, ...body }) }));
  serve(history.previewRollBackFunction).by(async ({ params, body }, scope) => ({
    data: await previewRollback(world, scope, { ...params, ...body }),
  }));
}

/** One function at a time, from source text or from the catalogue. */
function bindSingle(serve: Serve, world: World): void {
  serve(deployments.templates).by(async ({ params }) => ({
    data: (await templatesOf(world, params.provider)).functions.map(wireTemplate),
  }));
  serve(deployments.start).by(async ({ body }, scope) =>
    startedJob(body.type === 'function' ? await startDeployment(world, scope, body) : await deployTemplate(world, scope, body)),
  );
  serve(bundles.deploy).by(({ body }, scope) => deployBundle(world, scope, body));
  serve(bundles.preview).by(async ({ body }, scope) => (await planBundle(world, scope, body)).wire);
  serve(deployments.get).by(async ({ params }, scope) => {
    const job = await lookJob(world.db, scope, { kind: 'deployment', id: params.id });
    if (!job) throw problem('deployment_not_found', { message: 'There is no deployment with this id; they are kept for 14 days' });
    const ended = job.state === 'success' || job.state === 'failed';
    return {
      ...wireJob(job),
      ...(job.functionName === null ? {} : { function_name: job.functionName }),
      ...(ended ? { deployed: job.state === 'success', deployed_functions: deployedBy(job) } : {}),
    };
  });
  serve(deployments.result).by(() => {
    throw problem('forbidden', { message: 'Only sandboxes report here, and those of this server do not need to' });
  });
}
