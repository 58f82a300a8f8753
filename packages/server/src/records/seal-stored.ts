/**
 * Seals what was stored unsealed, by a release before sealing or while it was switched off: some records of one stream at a time, under the
 * stream's lock, so a writer waits for milliseconds and what it wrote is what gets sealed. Killed anywhere, it goes on at the stream's `plain_after`.
 */
import { sql } from 'kysely';
import { many, one, run, transaction } from '../base/database.ts';
import { DestroyedError } from '../vault/data-keys.ts';
import { type Cipher, isPlain } from './cipher.ts';
import { rowsOf } from './incoming.ts';
import { lockedCipher, type RecordWorld } from './key.ts';
import { isUnkeyed, keyedAgain } from './older-hash.ts';
import { restore, sealRows } from './rows.ts';
import { type LockedStream, lockStream, type Stream } from './stream.ts';

/** About 20 ms. */
const BATCH = 500;

type Found = Stream & { readonly environmentId: number };
type Stored = { readonly id: string; readonly content: Buffer | null; readonly hash: Buffer };

/** @returns whether there was anything to do; when not, nothing is left */
export async function sealSome(world: RecordWorld): Promise<boolean> {
  if (!world.config.sealRecords) return false;
  return transaction(world.db, async (tx) => {
    // Of all environments: each stream names its own.
    const stream = await one<Found>(
      tx,
      sql`select id, connection_id, model, variant, key_sealed, environment_id from record_streams where plain_after is not null order by id limit 1`,
    );
    if (!stream) return false;
    const scope = { environment: { id: stream.environmentId } };
    const locked = await lockStream(tx, scope, stream);
    if (locked.plainAfter === null) return true; // another process was faster
    const rows = await many<Stored>(
      tx,
      sql`select external_id as id, content, hash from records where stream_id = ${stream.id} and external_id > ${locked.plainAfter}
           order by external_id limit ${BATCH}`,
    );
    const last = (await sealBatch({ ...world, db: tx }, stream, { locked, rows })) ? rows[BATCH - 1]?.id : undefined;
    await run(
      tx,
      sql`update record_streams set plain_after = ${last ?? null} where id = ${stream.id} and environment_id = ${stream.environmentId}`,
    );
    return true;
  });
}

type Batch = { readonly locked: LockedStream; readonly rows: readonly Stored[] };

/** @returns false when there is no key any more, nor will there be */
async function sealBatch(world: RecordWorld, stream: Found, { locked, rows }: Batch): Promise<boolean> {
  let cipher: Cipher;
  try {
    cipher = await lockedCipher(world, { environment: { id: stream.environmentId } }, stream, locked);
  } catch (error) {
    if (error instanceof DestroyedError) return false; // its environment was deleted: the records go with it
    throw error;
  }
  const lines = rows.flatMap(({ id, content }) => (content && isPlain(content) ? { id, line: content } : []));
  if (lines.length > 0) await restore(world.db, stream.id, sealRows(rowsOf(lines, cipher), cipher));
  await hashPruned(world, stream, { rows, cipher });
  return true;
}

/** What a pruned record held is gone, and its older hash would still tell whether a guess of it is right. */
async function hashPruned({ db }: RecordWorld, { id: streamId }: Found, { rows, cipher }: { rows: readonly Stored[]; cipher: Cipher }) {
  for (const { id, content, hash } of rows)
    if (content === null && isUnkeyed(hash))
      await run(db, sql`update records set hash = ${keyedAgain(hash, cipher)} where stream_id = ${streamId} and external_id = ${id}`);
}
