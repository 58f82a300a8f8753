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
    work: () => deployFunctions(world, scope, wanted),
    lines: (deployed) => deployed.map((fn) => `${fn.providerConfigKey}: ${fn.type} ${fn.name}, version ${fn.version}`),
  });
}

export const functionCount = (count: number) => `${count} function${count === 1 ? '' : 's'}`;

type Logged<T> = {
  title: string;
  work(): Promise<T>;
  /** What was done, a line each. */
  lines(done: T): string[];
};

export async function inActivityLog<T>(world: World, scope: Scope, { title, work, lines }: Logged<T>): Promise<T> {
  const operation = startOperation(world, scope, { type: 'deploy', action: 'deploy', title });
  try {
    const done = await work();
    for (const line of lines(done)) operation.log('info', line);
    operation.end({ state: 'success' });
    return done;
  } catch (error) {
    operation.end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
