/**
 * Merges partial records into stored ones: objects deeply, arrays and everything else replaced. Ids that are unknown or deleted are ignored.
 * The content hash is that of the merged record, so saving the same content afterwards changes nothing.
 */
import { sql } from 'kysely';
import { canonical, isObject } from '../base/canonical.ts';
import { many, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import type { Cipher, Line } from './cipher.ts';
import { letGo } from './hold.ts';
import { rowsOf } from './incoming.ts';
import { lockedCipher, type RecordWorld } from './key.ts';
import { sealRows, upsert } from './rows.ts';
import { byIds, lockStream, type Stream } from './stream.ts';
import { keepVersions } from './versions.ts';
import { fenceOf, generationOf, noChange, notePlain, settle, type Writer } from './writer.ts';

export type UpdateInput = Writer & {
  readonly stream: Stream;
  readonly ids: readonly string[];
  /** For each id what to merge into its record; `id` within it is ignored. At most 1,000 a call. */
  readonly patches: readonly Readonly<Record<string, unknown>>[];
};

/** @throws SupersededError when a newer run took over */
export async function updateRecords(world: RecordWorld, scope: Scope, input: UpdateInput): Promise<{ updated: number; unchanged: number }> {
  return transaction(world.db, async (tx) => {
    const { stream } = input;
    const locked = await lockStream(tx, scope, stream, fenceOf(input));
    const cipher = await lockedCipher({ ...world, db: tx }, scope, stream, locked);
    const stored = await findStored(tx, cipher, input);
    const lines = merged(stored, input);
    const changed = lines.filter(({ id, line }) => !stored.get(id)?.line?.equals(line));
    const tally = { ...noChange(), updated: changed.length };
    for (const { id, line } of changed) tally.bytes += line.length - (stored.get(id)?.size ?? 0);
    if (changed.length > 0) {
      const ids = changed.map(({ id }) => id);
      await keepVersions(tx, locked, byIds(stream.id, ids));
      const stamp = { generation: generationOf(input, locked), at: locked.at, seq: locked.seq };
      await upsert(tx, stream.id, sealRows(rowsOf(changed, cipher), cipher), stamp);
      await notePlain({ ...world, db: tx }, locked);
    }
    if (locked.heldBy !== null) await letGo(tx, stream.id, [...stored.keys()]);
    await settle(tx, stream, locked, input, locked.seq + changed.length, tally);
    return { updated: changed.length, unchanged: lines.length - changed.length };
  });
}

type StoredRecord = {
  /** Null when pruned. */
  readonly line: Buffer | null;
  readonly size: number;
};

async function findStored(
  tx: Database,
  cipher: Cipher,
  { stream, ids, runId, unlessChangedAfter }: UpdateInput,
): Promise<Map<string, StoredRecord>> {
  const unlessChanged = unlessChangedAfter === undefined ? sql`` : sql`and (seq <= ${unlessChangedAfter} or generation = ${runId})`;
  const rows = await many(
    tx,
    sql<{ id: string; content: Buffer | null; size: number }>`select external_id as id, content, size from ${byIds(stream.id, ids)}
      where deleted_at is null ${unlessChanged}`,
  );
  return new Map(rows.map(({ id, content, size }) => [id, { line: content && cipher.open(id, content), size }]));
}

/** Several patches of one id apply in their order. Of a pruned record only what the patches bring is known. */
function merged(stored: ReadonlyMap<string, StoredRecord>, { ids, patches }: UpdateInput): Line[] {
  const contents = new Map<string, unknown>();
  for (const [index, id] of ids.entries()) {
    const record = stored.get(id);
    if (!record) continue;
    const before = contents.get(id) ?? JSON.parse(record.line?.toString() ?? '{}');
    contents.set(id, merge(before, { ...patches[index], id }));
  }
  return [...contents].map(([id, content]) => ({ id, line: Buffer.from(canonical(content)) }));
}

function merge(before: unknown, patch: unknown): unknown {
  if (!isObject(before) || !isObject(patch)) return patch;
  const result = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(patch)) if (value !== undefined) result.set(key, merge(before[key], value));
  return Object.fromEntries(result);
}
