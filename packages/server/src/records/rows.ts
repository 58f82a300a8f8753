/**
 * The statements that decide how fast records are saved, as text, with what was measured (decisions/008, 041).
 * They run unnamed: as a named statement the planner soon settles for a plan that reads the whole table on every chunk.
 */
import { CompiledQuery } from 'kysely';
import type { Database } from '../base/world.ts';
import { bytesOfHashes, type Cipher, HASH_BYTES, type Line } from './cipher.ts';

/** A record as it arrives: its id, its canonical JSON and what that hashes to. */
export type Row = Line & { readonly hash: string };
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

/** Many enough that the cost of a statement is shared: 500 to 1,000 measured best, 5,000 was 25 % slower. */
export const LOOKED_AT_MAX = 1_000;
/** Small enough that some are sealed while Postgres writes others. */
export const WRITTEN_MAX = 500;

const NONE = '\0'.repeat(HASH_BYTES);
const OTHER = '\x01'.repeat(HASH_BYTES);
const literal = (hash: string) => `'\\x${Buffer.from(hash, 'latin1').toString('hex')}'::bytea`;
const WHOLE = `deleted_at is null and pruned_at is null and octet_length(hash) = ${HASH_BYTES}`;

const seqOf = (id: string) => `(select seq from records where stream_id = $1 and external_id = ${id})`;

/**
 * What is stored of each id, one behind the other. What is sent again mostly comes in the order in which it came before: where that can be seen of
 * three of the ids, as many rows as are asked for are read from the place of the first on, 2 µs each, where a probe of the index takes 8. What is
 * not among them is probed. A full join, since only that one is never planned as a loop in a loop.
 */
const HASHES = `
with first as materialized (select ${seqOf('($2::text[])[1]')} as seq, cardinality($2::text[]) as count),
ahead as materialized (
  select external_id, hash from records where stream_id = $1 and stream_id + 0 = $1 and seq >= (select seq from first) and ${WHOLE} order by seq
   limit (select case when exists (
     select from unnest(array[($2::text[])[count / 3], ($2::text[])[count * 2 / 3], ($2::text[])[count]]) later(id)
      where ${seqOf('later.id')} between first.seq and first.seq + 4 * count) then count else 0 end from first)
), met as (
  select i.id, i.nr, ahead.hash from unnest($2::text[]) with ordinality as i(id, nr) full join ahead on ahead.external_id = i.id offset 0
)
select string_agg(coalesce(met.hash,
    (select case when ${WHOLE} then r.hash else ${literal(OTHER)} end from records r where r.stream_id = $1 and r.external_id = met.id),
    ${literal(NONE)}), '' order by nr) as hashes
  from met where nr is not null`;

/** Like each row, none is stored, or what is stored is not the same. @param ids each once. The transaction has had its `glanceAt` */
export async function lookAt(tx: Database, streamId: number, ids: readonly string[]): Promise<(hash: string, index: number) => Look> {
  const { rows } = await tx.executeQuery<{ hashes: Buffer }>(CompiledQuery.raw(HASHES, [streamId, ids]));
  const hashes = rows[0]?.hashes.toString('latin1') ?? '';
  return (hash, index) => {
    const stored = hashes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    return stored === hash ? 'same' : stored === NONE ? 'none' : 'other';
  };
}
export type Look = 'same' | 'none' | 'other';

/** Correlated, which forces a probe of the index for each: a join let the planner choose a scan of the whole table. */
const STORED = `
select i.nr::int - 1 as index,
  (select json_build_object('isDeleted', r.deleted_at is not null, 'isPruned', r.pruned_at is not null,
      'isPlain', get_byte(r.content, 0) = ascii('{'), 'hash', encode(r.hash, 'hex'), 'size', r.size, 'seq', r.seq, 'generation', r.generation)
    from records r where r.stream_id = $1 and r.external_id = i.id) as stored
from unnest($2::text[]) with ordinality as i(id, nr)`;

/** Only of what is stored. */
export async function findStored(tx: Database, streamId: number, ids: readonly string[]): Promise<Map<string, Stored>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.executeQuery<{ index: number; stored: Stored | null }>(CompiledQuery.raw(STORED, [streamId, ids]));
  return new Map(rows.flatMap(({ index, stored }) => (stored ? [[ids[index] ?? '', stored]] : [])));
}

export type Stamp = { readonly generation: number; readonly at: string; readonly seq: number };

/** Ids as an array, contents and hashes as one piece of bytes each, cut up by Postgres: twice as fast as a VALUES list of 4,000 parameters. */
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

/** Writes new and changed rows, numbered from `seq` + 1 in their order. A deleted record comes back as one just added. Where all are new see `insert.ts`. */
export async function upsert(tx: Database, streamId: number, sealed: Sealed, stamp: Stamp): Promise<void> {
  await write(tx, UPSERT, streamId, sealed, stamp);
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
  return { bytes, hashes: bytesOfHashes(rows.map(({ hash }) => hash)), ids: rows.map(({ id }) => id), starts, lengths, sizes };
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
