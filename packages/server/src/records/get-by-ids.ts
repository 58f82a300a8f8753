/** Looks records up by their ids, for functions. */
import type { Database } from '../base/world.ts';
import { listRecords } from './list.ts';
import type { Stream } from './stream.ts';

/** @returns JSON text of each record found, metadata included; ids that are missing or deleted are absent */
export async function getRecords(db: Database, stream: Stream | undefined, ids: readonly string[]): Promise<readonly string[]> {
  const { records } = await listRecords(db, stream, { ids, filter: ['added', 'updated'], limit: Math.max(ids.length, 1) });
  return records;
}
