/** Read a page of one connection's records, as the wire has it. */
import type { ListQuery } from '@bowline/api/records';
import { type ConnectionName, findConnection } from '../connections/find.ts';
import type { Scope } from '../http/scope.ts';
import { listAsOf } from './as-of.ts';
import type { RecordWorld } from './key.ts';
import { listRecords } from './list.ts';
import { lookStream } from './stream.ts';

/** @returns JSON. @throws unknown_provider_config, unknown_connection, invalid_cursor */
export async function readPage(world: RecordWorld, scope: Scope, target: ConnectionName, query: ListQuery): Promise<Buffer> {
  const { model, variant = 'base', cursor, filter, ids, limit } = query;
  const connection = await findConnection(world, scope, target);
  const stream = await lookStream(world.db, scope, { connection: connection.id, model, variant });
  if (query.as_of !== undefined) return (await listAsOf(world, scope, stream, { at: query.as_of, ids, cursor, limit })).bytes;
  const modifiedAfter = query.delta ?? query.modified_after;
  return (await listRecords(world, scope, { stream, cursor, modifiedAfter, filter, ids, limit })).bytes;
}
