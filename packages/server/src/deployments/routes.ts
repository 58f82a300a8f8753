/** The doors of deployments: confirm, deploy, and reading and deleting what is deployed. */
import { deploy } from '@bowline/api/deploy';
import { functions } from '@bowline/api/functions';
import { integrations } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { startOperation } from '../logs/operation.ts';
import { checkCommand } from './command-version.ts';
import { compileFunction } from './compile.ts';
import { deleteFunction } from './delete.ts';
import { deployFunctions } from './deploy.ts';
import { findCode } from './find.ts';
import { wireFunction } from './function.ts';
import { functionsNamed, pageOfFunctions } from './list.ts';
import { planDeployment, wirePlan } from './plan.ts';
import { listTools, scriptsByIntegration } from './scripts.ts';

export function bindDeploymentRoutes(serve: Serve, world: World): void {
  serve(deploy.confirm).by(async ({ body }, scope, { request }) => {
    checkCommand(request.headers['user-agent']);
    return wirePlan(await planDeployment(world, scope, body));
  });

  serve(deploy.deploy).by(async ({ body }, scope, { request }) => {
    checkCommand(request.headers['user-agent']);
    const count = body.flowConfigs.length + (body.onEventScriptsByProvider ?? []).reduce((sum, { scripts }) => sum + scripts.length, 0);
    const operation = startOperation(world, scope, {
      type: 'deploy',
      action: 'deploy',
      title: `Deploy ${count} function${count === 1 ? '' : 's'}`,
    });
    try {
      const deployed = await deployFunctions(world, scope, body);
      for (const fn of deployed) operation.log('info', `${fn.providerConfigKey}: ${fn.type} ${fn.name}, version ${fn.version}`);
      operation.end({ state: 'success' });
      return deployed;
    } catch (error) {
      operation.end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  });

  serve(deploy.internal).by(() => {
    throw problem('forbidden', { message: 'Only operators of the reference system deploy here; use POST /sync/deploy' });
  });
  serve(deploy.telemetry).by(async () => null);

  serve(integrations.functions).by(async ({ params, query }, scope) => {
    const { total, data } = await pageOfFunctions(world, scope, params.uniqueKey, query);
    return { data, pagination: { total, page: query.page, limit: query.limit } };
  });
  serve(functions.get).by(async ({ params, query }, scope) => {
    const [fn] = await functionsNamed(world, scope, { ...params, ...query });
    return { data: wireFunction(fn) };
  });
  serve(integrations.functionCode).by(async ({ params, query }, scope) => {
    const [fn, ...others] = await functionsNamed(world, scope, { ...params, ...query });
    if (others.length > 0) {
      const matches = [fn, ...others].map(({ type, name }) => ({ type, name }));
      const message = `The integration "${params.uniqueKey}" has ${matches.length} functions "${params.name}"; say which with ?type=`;
      throw problem('ambiguous_function', { message, payload: { matches } });
    }
    const { ts } = await findCode(world, scope, fn);
    if (ts === '') throw problem('not_found', { message: `The ${fn.type} "${fn.name}" was deployed without its source` });
    return { type: fn.type, code: ts };
  });
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
}
