/** A deployment that stands in the activity log, whether it succeeds or fails. */
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { startOperation } from '../logs/operation.ts';
import { type Deployed, deployFunctions, type Wanted } from './deploy.ts';

/** @throws all of deployFunctions */
export async function deployLogged(world: World, scope: Scope, wanted: Wanted): Promise<Deployed[]> {
  const count = wanted.flowConfigs.length + (wanted.onEventScriptsByProvider ?? []).reduce((sum, { scripts }) => sum + scripts.length, 0);
  const title = `Deploy ${count} function${count === 1 ? '' : 's'}`;
  const operation = startOperation(world, scope, { type: 'deploy', action: 'deploy', title });
  try {
    const deployed = await deployFunctions(world, scope, wanted);
    for (const fn of deployed) operation.log('info', `${fn.providerConfigKey}: ${fn.type} ${fn.name}, version ${fn.version}`);
    operation.end({ state: 'success' });
    return deployed;
  } catch (error) {
    operation.end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
