/**
 * Merges partial records into stored ones: objects deeply, arrays and everything else replaced. Ids that are unknown or deleted are ignored.
 * The content hash is that of the merged record, so saving the same content afterwards changes nothing.
 */
import { sql } from 'kysely';
import { canonical, isObject } from '../base/canonical.ts';
import { many, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { contentHash } from './content-hash.ts';
import { letGo } from './hold.ts';
import { type Row, upsert } from './rows.ts';
import { lockStream, type Stream } from './stream.ts';
import { fenceOf, generationOf, noChange, settle, type Writer } from './writer.ts';

export type UpdateInput = Writer & {
  readonly stream: Stream;
  readonly ids: readonly string[];
  /** For each id what to merge into its record; `id` within it is ignored. At most 1,000 a call. */
  readonly patches: readonly Readonly<Record<string, unknown>>[];
};

/** @throws SupersededError when a newer run took over */
export async function updateRecords(
  { db }: Pick<World, 'db'>,
  scope: Scope,
  input: UpdateInput,
): Promise<{ updated: number; unchanged: number }> {
  return transaction(db, async (tx) => {
    const { stream } = input;
    const locked = await lockStream(tx, scope, stream, fenceOf(input));
    const stored = await findStored(tx, stream.id, input);
    const rows = [...merged(stored, input).values()];
    const changed = rows.filter(({ id, hash }) => !stored.get(id)?.hash.equals(hash));
    const tally = { ...noChange(), updated: changed.length };
    for (const { id, size } of changed) tally.bytes += size - (stored.get(id)?.size ?? 0);
    if (changed.length > 0)
      await upsert(tx, stream.id, changed, { generation: generationOf(input, locked), at: locked.at, seq: locked.seq });
    if (locked.heldBy !== null) await letGo(tx, stream.id, [...stored.keys()]);
    await settle(tx, stream, locked, input, locked.seq + changed.length, tally);
    return { updated: changed.length, unchanged: rows.length - changed.length };
  });
}

type StoredRecord = { readonly id: string; readonly line: string | null; readonly hash: Buffer; readonly size: number };

async function findStored(
  tx: Database,
  streamId: number,
  { ids, runId, unlessChangedAfter }: UpdateInput,
): Promise<Map<string, StoredRecord>> {
  const unlessChanged = unlessChangedAfter === undefined ? sql`` : sql`and (seq <= ${unlessChangedAfter} or generation = ${runId})`;
  const rows = await many(
    tx,
    sql<StoredRecord>`select external_id as id, payload::text as line, hash, size from records
      where stream_id = ${streamId} and external_id = any(${ids}::text[]) and deleted_at is null ${unlessChanged}`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Several patches of one id apply in their order. Of a pruned record only what the patches bring is known. */
function merged(stored: ReadonlyMap<string, StoredRecord>, { ids, patches }: UpdateInput): Map<string, Row> {
  const contents = new Map<string, unknown>();
  for (const [index, id] of ids.entries()) {
    const record = stored.get(id);
    if (!record) continue;
    const before = contents.get(id) ?? JSON.parse(record.line ?? '{}');
    contents.set(id, merge(before, { ...patches[index], id }));
  }
  return new Map([...contents].map(([id, content]) => [id, rowOf(id, content)]));
}

function rowOf(id: string, content: unknown): Row {
  const line = canonical(content);
  return { id, line, size: Buffer.byteLength(line), hash: contentHash(line) };
}

function merge(before: unknown, patch: unknown): unknown {
  if (!isObject(before) || !isObject(patch)) return patch;
  const result = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(patch)) if (value !== undefined) result.set(key, merge(before[key], value));
  return Object.fromEntries(result);
}
