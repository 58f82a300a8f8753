/** The doors of the activity log. */
import { logs } from '@bowline/api/logs';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { readMessages } from './messages.ts';
import { findOperation } from './read.ts';
import { searchOperations } from './search.ts';

export function bindLogRoutes(serve: Serve, world: Pick<World, 'db'>): void {
  serve(logs.operations).by(async ({ query }, scope) => {
    const { operations, nextCursor } = await searchOperations(world, scope, query);
    return { operations, next_cursor: nextCursor };
  });

  serve(logs.operation).by(async ({ params, query }, scope) => {
    const { operation, messages, nextCursor } = await findOperation(world, scope, { id: params.id, ...query });
    return { operation, messages, next_cursor: nextCursor };
  });

  serve(logs.messages).by(async ({ query: { operation, ...rest } }, scope) => {
    const { operations, messages, nextCursor } = await readMessages(world, scope, { ids: operation, ...rest });
    return { operations, messages, next_cursor: nextCursor };
  });
}
