/** The functions of one integration, a page at a time, as the wire has them. */
import type { FunctionSummary } from '@bowline/api/integrations';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { listFunctions } from './find.ts';
import { wireFunction } from './function.ts';

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
