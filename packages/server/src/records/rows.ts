/**
 * The statements that decide how fast records are saved, as text, with what was measured (decisions/008, 041).
 * They run unnamed: as a named statement the planner soon settles for a plan that reads the whole table on every chunk.
 */
import { CompiledQuery } from 'kysely';
import type { Database } from '../base/world.ts';
import { type Cipher, HASH_BYTES, type Line } from './cipher.ts';

/** A record as it arrives: its id, its canonical JSON and what that hashes to. */
export type Row = Line & { readonly hash: Buffer };
/** A stored record that a row differs from. */
export type Stored = {
  readonly isDeleted: boolean;
  readonly isPruned: boolean;
  readonly isPlain: boolean;
  /** In hex. */
  readonly hash: string;
  readonly size: number;
  readonly seq: number;
  readonly generation: number;
};
export type Difference = { readonly index: number; readonly stored: Stored | null };

/**
 * Small enough that of a thousand some are made ready while Postgres works on others, large enough that the cost of a statement is shared:
 * 500 to 1,000 measured best where that was all, 5,000 was 25 % slower.
 */
export const ROWS_MAX = 500;

/**
 * The rows that are new or differ from what is stored; what is unchanged costs an index probe and is not sent back.
 * Correlated scalar sub-selects force that probe per row. A join let the planner choose a hash join with a sequential scan: 2,200 rows/s instead of 277,000.
 */
const DIFFER = `
select i.nr::int - 1 as index,
  (select json_build_object('isDeleted', r.deleted_at is not null, 'isPruned', r.pruned_at is not null,
      'isPlain', get_byte(r.content, 0) = ascii('{'), 'hash', encode(r.hash, 'hex'), 'size', r.size, 'seq', r.seq, 'generation', r.generation)
    from records r where r.stream_id = $1 and r.external_id = i.id) as stored
from unnest($2::text[]) with ordinality as i(id, nr)
where (select r.hash from records r
    where r.stream_id = $1 and r.external_id = i.id and r.deleted_at is null and r.pruned_at is null)
  is distinct from substring($3::bytea from (i.nr::int - 1) * ${HASH_BYTES} + 1 for ${HASH_BYTES})`;

export async function findDifferences(tx: Database, streamId: number, rows: readonly Row[]): Promise<Difference[]> {
  // The hashes as one piece of bytes: as an array, pg would spell each out in hex (464,000 against 308,000 rows/s).
  const parameters = [streamId, rows.map(({ id }) => id), Buffer.concat(rows.map(({ hash }) => hash))];
  return (await tx.executeQuery<Difference>(CompiledQuery.raw(DIFFER, parameters))).rows;
}

export type Stamp = { readonly generation: number; readonly at: string; readonly seq: number };

/**
 * Ids as an array, contents and hashes as one piece of bytes each, cut up by Postgres: 53,000 rows/s, against 30,000 with a VALUES list of
 * 4,000 parameters and 58,000 of a binary COPY, in one round of a quiet machine.
 */
const INSERT = `
insert into records (stream_id, external_id, content, size, hash, seq, generation, created_at, changed_at)
select $1, i.id, substring($2::bytea from i.start for i.length), i.size, substring($3::bytea from (i.nr::int - 1) * ${HASH_BYTES} + 1 for ${HASH_BYTES}),
    $4::bigint + i.nr, $5, $6::timestamptz, $6::timestamptz
  from unnest($7::text[], $8::int[], $9::int[], $10::int[]) with ordinality as i(id, start, length, size, nr)`;

const UPSERT = `${INSERT}
on conflict (stream_id, external_id) do update set
  content = excluded.content, size = excluded.size, hash = excluded.hash, seq = excluded.seq, generation = excluded.generation,
  rev = case when records.deleted_at is null then records.rev + 1 else 1 end,
  created_at = case when records.deleted_at is null then records.created_at else excluded.created_at end,
  changed_at = excluded.changed_at, deleted_at = null, pruned_at = null`;

/** Writes new and changed rows, numbered from `seq` + 1 in their order. A deleted record comes back as one just added. `fresh`: none is stored yet. */
export async function upsert(tx: Database, { streamId, fresh }: { streamId: number; fresh?: boolean }, sealed: Sealed, stamp: Stamp) {
  await write(tx, fresh ? INSERT : UPSERT, streamId, sealed, stamp);
}

/** Rows as a statement takes them. */
export type Sealed = {
  readonly bytes: Buffer;
  readonly hashes: Buffer;
  readonly ids: readonly string[];
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  readonly sizes: readonly number[];
};

/** Most of what writing costs this process. */
export function sealRows(rows: readonly Row[], cipher: Cipher): Sealed {
  const { bytes, lengths } = cipher.contentsOf(rows);
  const starts: number[] = [];
  let start = 1;
  for (const length of lengths) start = starts.push(start) && start + length;
  const sizes = rows.map(({ line }) => line.length);
  return { bytes, hashes: Buffer.concat(rows.map(({ hash }) => hash)), ids: rows.map(({ id }) => id), starts, lengths, sizes };
}

/** Contents alone, of rows that are there: no news, no number. Written as an upsert, since an update joined with them might be planned as a scan. */
const RESTORE = `${INSERT}
on conflict (stream_id, external_id) do update set content = excluded.content, size = excluded.size, hash = excluded.hash, pruned_at = null`;

export async function restore(tx: Database, streamId: number, sealed: Sealed): Promise<void> {
  await write(tx, RESTORE, streamId, sealed, { generation: 0, at: 'epoch', seq: 0 });
}

async function write(tx: Database, statement: string, streamId: number, sealed: Sealed, { generation, at, seq }: Stamp): Promise<void> {
  const { bytes, hashes, ids, starts, lengths, sizes } = sealed;
  await tx.executeQuery(CompiledQuery.raw(statement, [streamId, bytes, hashes, seq, generation, at, ids, starts, lengths, sizes]));
}
