/** Looks records up by their ids, for functions. */
import type { Scope } from '../http/scope.ts';
import type { RecordWorld } from './key.ts';
import { listRecords } from './list.ts';
import { listOf } from './splice.ts';
import type { Stream } from './stream.ts';

/** @returns a JSON list of the records found, metadata included; ids that are missing or deleted are absent */
export async function getRecords(
  world: RecordWorld,
  scope: Scope,
  { stream, ids }: { stream: Stream | undefined; ids: readonly string[] },
): Promise<Buffer> {
  return listOf(await listRecords(world, scope, { stream, ids, filter: ['added', 'updated'], limit: Math.max(ids.length, 1) }));
}
