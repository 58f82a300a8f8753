/** The doors of the activity log. */
import { dashboard } from '@bowline/api/dashboard';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { findOperation } from './read.ts';
import { searchOperations } from './search.ts';

export function bindLogRoutes(serve: Serve, world: Pick<World, 'db'>): void {
  serve(dashboard.operations).by(async ({ query }, scope) => {
    const { operations, nextCursor } = await searchOperations(world, scope, query);
    return { operations, next_cursor: nextCursor };
  });

  serve(dashboard.operation).by(async ({ params, query }, scope) => {
    const { operation, messages, nextCursor } = await findOperation(world, scope, { id: params.id, ...query });
    return { operation, messages, next_cursor: nextCursor };
  });
}
