/** The doors of deployments: confirm, deploy, and the older list of functions. */
import { deploy } from '@bowline/api/deploy';
import { integrations } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { findIntegration, listIntegrations } from '../integrations/find.ts';
import { startOperation } from '../logs/operation.ts';
import { deployFunctions } from './deploy.ts';
import { findCode, listFunctions } from './find.ts';
import { wireFunction } from './function.ts';
import { pageOfFunctions } from './list.ts';
import { planDeployment, wirePlan } from './plan.ts';

export function bindDeploymentRoutes(serve: Serve, world: World): void {
  serve(deploy.confirm).by(async ({ body }, scope) => wirePlan(await planDeployment(world, scope, body)));

  serve(deploy.deploy).by(async ({ body }, scope) => {
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

  serve(integrations.functions).by(async ({ params, query }, scope) => {
    const { total, data } = await pageOfFunctions(world, scope, params.uniqueKey, query);
    return { data, pagination: { total, page: query.page, limit: query.limit } };
  });
  serve(integrations.functionCode).by(async ({ params, query }, scope) => {
    const integration = await findIntegration(world, scope, params.uniqueKey);
    const named = (await listFunctions(world, scope, [integration.id])).filter(
      ({ name, type }) => name === params.name && (!query.type || query.type === type),
    );
    const [fn] = named;
    if (!fn) throw problem('not_found', { message: `The integration "${params.uniqueKey}" has no function "${params.name}"` });
    const { ts } = await findCode(world, scope, fn);
    return { type: fn.type, code: ts };
  });
  serve(deploy.scripts).by(async (_input, scope) => {
    const [integrations, functions] = await Promise.all([listIntegrations(world, scope), listFunctions(world, scope)]);
    return integrations
      .map((integration) => {
        const own = functions.filter((fn) => fn.integrationId === integration.id);
        const wire = (type: string) => own.filter((fn) => fn.type === type).map(wireFunction);
        return {
          providerConfigKey: integration.uniqueKey,
          provider: integration.provider,
          syncs: wire('sync'),
          actions: wire('action'),
          'on-events': wire('on-event'),
        };
      })
      .filter(({ syncs, actions, 'on-events': events }) => syncs.length + actions.length + events.length > 0);
  });
}
