/**
 * A stream: the records of one model (and variant) of one connection. Whoever writes to one first locks its row.
 * That makes writers take turns, so the numbers they hand out, the cursors, become visible in the order of the numbers;
 * a plain sequence would not do that (decisions/008).
 */
import { type RawBuilder, sql } from 'kysely';
import { OUT_OF_ORDER } from '../base/copy-out.ts';
import { one, only, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';

export type Stream = {
  readonly id: number;
  readonly connectionId: number;
  readonly model: string;
  readonly variant: string;
  /** As it was when the stream was looked up (`key.ts`). */
  readonly keySealed: Buffer | null;
};
/** Names a stream; it may not exist yet. `connection`: row id. */
export type StreamRef = { readonly connection: number; readonly model: string; readonly variant?: string };

/** The rows of a stream, for statements that want them in the order of `seq`: names that index, which is on an expression, and the partition. */
export const inOrder = (streamId: number) => sql`stream_id = ${streamId} and stream_id + 0 = ${streamId}`;

/**
 * The stored rows of these ids, as something to select from; an id that comes twice counts once. Each is looked up by itself, whatever the
 * statistics say: before Postgres 17 `= any(…)` was planned as a filter over all of the stream, or over its whole partition.
 */
export const byIds = (streamId: number, ids: readonly string[], table: 'records' | 'record_versions' = 'records') => sql`(
  select r.* from unnest(${[...new Set(ids)]}::text[]) asked(id)
   cross join lateral (select * from ${sql.raw(table)} where stream_id = ${streamId} and external_id = asked.id offset 0) r) found`;

/**
 * Changes rows that are there, and that the caller's lock keeps there: `rows` is something to select them from, `set` what becomes of them, in which
 * `excluded.seq` is the number they were selected with. An upsert finds each row by its key; an update joined with them might read the whole stream.
 */
export const changeStored = (rows: RawBuilder<unknown>, set: RawBuilder<unknown>) => sql<{ id: string; size: number }>`
  insert into records (stream_id, external_id, size, hash, seq, created_at, changed_at)
  select stream_id, external_id, size, hash, seq, created_at, changed_at from ${rows}
  on conflict (stream_id, external_id) do update set ${set} returning records.external_id as id, records.size`;

/** A run writes to a stream that a newer run of the sync has written to already: it lives on after it was given up, and must end. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** Gets the stream, made if need be. A connection of another environment has none here and must not reach this place. */
export async function openStream(db: Database, scope: Scope, ref: StreamRef): Promise<Stream> {
  return (await lookStream(db, scope, ref)) ?? createStream(db, scope, ref);
}

/** Undefined when nothing was ever saved. */
export function lookStream(db: Database, { environment }: Scope, { connection, model, variant = 'base' }: StreamRef) {
  return one(
    db,
    sql<Stream>`select id, connection_id, model, variant, key_sealed from record_streams
      where environment_id = ${environment.id} and connection_id = ${connection} and model = ${model} and variant = ${variant}`,
  );
}

/**
 * Numbers start at the microseconds of now: should the connection be deleted and made anew under the same id,
 * the cursors that the app kept from the old one lie before every record of the new one, which is thus read whole.
 */
function createStream(db: Database, { environment }: Scope, { connection, model, variant = 'base' }: StreamRef): Promise<Stream> {
  return only(
    db,
    sql<Stream>`insert into record_streams (environment_id, connection_id, model, variant, history_since, seq)
      values (${environment.id}, ${connection}, ${model}, ${variant},
        (select clock_timestamp() from record_history_rules where environment_id = ${environment.id} and model = ${model}),
        (extract(epoch from clock_timestamp()) * 1e6)::bigint)
      on conflict (connection_id, model, variant) do update set model = excluded.model
      returning id, connection_id, model, variant, key_sealed`,
  );
}

export type LockedStream = {
  readonly id: number;
  /** Changes with each write to the stream: what was read at one version is so at the same version still. */
  readonly version: string;
  readonly seq: number;
  readonly generation: number;
  /** The run that began the full crawl under way. */
  readonly trackingSince: number | null;
  /** A request of that crawl failed, and the function went on. */
  readonly crawlFlawed: boolean;
  /** The run whose deletions wait for a word (`hold.ts`). */
  readonly heldBy: number | null;
  readonly live: number;
  /** No rows, not even deleted ones. */
  readonly isEmpty: boolean;
  readonly keySealed: Buffer | null;
  /** Records with ids above it may lie there unsealed (`seal-stored.ts`). */
  readonly plainAfter: string | null;
  /** Since when versions that a change replaces are kept (`versions.ts`); null: they are not. */
  readonly historySince: Date | null;
  /** Records up to this number are pruned. */
  readonly prunedTo: number;
  /** When a run of its sync ended last, to the day, or a record changed. */
  readonly usedAt: Date;
  /** When this write counts as made: `2026-08-01T10:00:00.123456Z`, always six digits. Within a stream it never runs backwards. */
  readonly at: string;
};

export type InEnvironment = { readonly environment: Pick<Scope['environment'], 'id'> };

/** Locks the stream until the transaction ends. @throws SupersededError when `fence` is older than the newest run that wrote */
export async function lockStream(tx: Database, scope: InEnvironment, stream: Stream, fence?: number): Promise<LockedStream> {
  return unlessSuperseded(stream, await only(tx, sql<LockedStream>`select ${STATE} ${rowOf(scope, stream)} for update`), fence);
}

/**
 * What `lockStream` would find, without waiting for who holds it. From here on the transaction's statements read in the order of their indexes.
 * @throws SupersededError
 */
export async function glanceAt(tx: Database, scope: InEnvironment, stream: Stream, fence?: number): Promise<LockedStream> {
  const settings = sql.join(OUT_OF_ORDER.map((setting) => sql`set_config(${sql.lit(setting)}, 'off', true)`));
  const seen = await only(tx, sql<LockedStream>`select ${STATE}, concat(${settings}) as settings ${rowOf(scope, stream)}`);
  return unlessSuperseded(stream, seen, fence);
}

const STATE = sql`id, xmin::text as version, seq, generation, tracking_since, crawl_flawed, held_by, live, live + deleted = 0 as is_empty,
  key_sealed, plain_after, pruned_to, history_since, greatest(visited_at, changed_at) as used_at, 
  to_char(greatest(clock_timestamp(), changed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;
const rowOf = ({ environment }: InEnvironment, { id }: Stream) =>
  sql`from record_streams where id = ${id} and environment_id = ${environment.id}`;

function unlessSuperseded({ model }: Stream, state: LockedStream, fence: number | undefined): LockedStream {
  if (fence === undefined || fence >= state.generation) return state;
  throw new SupersededError(
    `Run ${fence} may no longer write ${model}: run ${state.generation} has taken over. Its records saved so far are kept.`,
  );
}

/** From now on only this run and newer ones may write. */
export async function fenceOut(tx: Database, { environment }: Scope, { id }: Stream, runId: number): Promise<void> {
  await run(
    tx,
    sql`update record_streams set generation = greatest(generation, ${runId}::bigint) where id = ${id} and environment_id = ${environment.id}`,
  );
}

/** The number of the stream's last change. */
export async function positionOfStream(db: Database, { environment }: Scope, stream: Stream): Promise<number> {
  const row = await only<{ seq: number }>(
    db,
    sql`select seq from record_streams where id = ${stream.id} and environment_id = ${environment.id}`,
  );
  return row.seq;
}
