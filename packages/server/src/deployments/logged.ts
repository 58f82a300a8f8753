/** A deployment that stands in the activity log, whether it succeeds or fails. */
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { startOperation } from '../logs/operation.ts';
import { type Deployed, deployFunctions, type Wanted } from './deploy.ts';

/** @throws all of deployFunctions */
export function deployLogged(world: World, scope: Scope, wanted: Wanted): Promise<Deployed[]> {
  const count = wanted.flowConfigs.length + (wanted.onEventScriptsByProvider ?? []).reduce((sum, { scripts }) => sum + scripts.length, 0);
  return inActivityLog(world, scope, {
    title: `Deploy ${functionCount(count)}`,
    work: async (operationId) => {
      const { deployment, functions } = await deployFunctions(world, scope, { ...wanted, operationId });
      return { deployment, done: functions };
    },
    lines: (deployed) => deployed.map((fn) => `${fn.providerConfigKey}: ${fn.type} ${fn.name}, version ${fn.version}, ${fn.change}`),
  });
}

export const functionCount = (count: number) => `${count} function${count === 1 ? '' : 's'}`;

type Logged<T> = {
  title: string;
  /** @param operationId for the history, which links to the log */
  work(operationId: string): Promise<{ deployment: number | undefined; done: T }>;
  /** What was done, a line each. */
  lines(done: T): string[];
};

export async function inActivityLog<T>(world: World, scope: Scope, { title, work, lines }: Logged<T>): Promise<T> {
  const operation = startOperation(world, scope, { type: 'deploy', action: 'deploy', title });
  try {
    const { deployment, done } = await work(operation.id);
    for (const line of lines(done)) operation.log('info', line);
    operation.end({ state: 'success', ...(deployment === undefined ? {} : { meta: { deployment } }) });
    return done;
  } catch (error) {
    operation.end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
