/** Looks records up by their ids, for functions. */
import type { Scope } from '../http/scope.ts';
import type { RecordWorld } from './key.ts';
import { listRecords } from './list.ts';
import type { Stream } from './stream.ts';

/** @returns JSON text of each record found, metadata included, joined by commas; ids that are missing or deleted are absent */
export async function getRecords(
  world: RecordWorld,
  scope: Scope,
  { stream, ids }: { stream: Stream | undefined; ids: readonly string[] },
): Promise<Buffer> {
  const { records } = await listRecords(world, scope, { stream, ids, filter: ['added', 'updated'], limit: Math.max(ids.length, 1) });
  return records;
}
