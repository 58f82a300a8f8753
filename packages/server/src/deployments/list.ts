/** The functions of one integration, a page at a time or by name. */
import type { FunctionSummary } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { listFunctions } from './find.ts';
import { type DeployedFunction, wireFunction } from './function.ts';

export type FunctionFilter = { type?: string | undefined; search?: string | undefined; page: number; limit: number };

/** @throws unknown_provider_config */
export async function pageOfFunctions(
  world: Pick<World, 'db'>,
  scope: Scope,
  uniqueKey: string,
  filter: FunctionFilter,
): Promise<{ total: number; data: FunctionSummary[] }> {
  const integration = await findIntegration(world, scope, uniqueKey);
  const all = (await listFunctions(world, scope, [integration.id])).filter(
    ({ type, name }) => (!filter.type || filter.type === type) && (!filter.search || name.includes(filter.search)),
  );
  const start = filter.page * filter.limit;
  return { total: all.length, data: all.slice(start, start + filter.limit).map(wireFunction) };
}

/** Those of a name, in the order of the list: never none. @throws unknown_provider_config, not_found */
export async function functionsNamed(
  world: Pick<World, 'db'>,
  scope: Scope,
  { uniqueKey, name, type }: { uniqueKey: string; name: string; type?: string | undefined },
): Promise<[DeployedFunction, ...DeployedFunction[]]> {
  const integration = await findIntegration(world, scope, uniqueKey);
  const all = await listFunctions(world, scope, [integration.id]);
  const [first, ...others] = all.filter((fn) => fn.name === name && (!type || fn.type === type));
  if (!first) throw problem('not_found', { message: `The integration "${uniqueKey}" has no ${type ?? 'function'} "${name}"` });
  return [first, ...others];
}
