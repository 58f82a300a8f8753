/**
 * Full crawls: what is stored but was not met between start and end is gone upstream.
 * A crawl may span runs: one that was cut short goes on under the start that it had, so what its first part met counts as met.
 */
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { DeletionGuard } from '../environments/deletion-guard.ts';
import type { Scope } from '../http/scope.ts';
import { dropHold, type HoldReason, hold, letGo, reasonToHold } from './hold.ts';
import { type LockedStream, lockStream, type Stream } from './stream.ts';
import { keepVersions } from './versions.ts';
import { fenceOf, noChange, settle, type Writer } from './writer.ts';

export type TrackInput = Writer & { readonly stream: Stream };

/** Starts a crawl unless one is under way. @throws SupersededError when a newer run took over */
export async function startTracking({ db }: Pick<World, 'db'>, scope: Scope, input: TrackInput): Promise<void> {
  await transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, input.stream, fenceOf(input));
    if (locked.trackingSince === null) {
      await run(tx, sql`update record_streams set tracking_since = ${input.runId} where id = ${locked.id}`);
      await run(tx, sql`delete from record_sightings where stream_id = ${locked.id}`);
    }
    await settle(tx, input.stream, locked, input, locked.seq, noChange());
  });
}

/** These came, though they could not be saved: neither the end of the crawl under way nor who approves what waits deletes them. @throws SupersededError */
export async function noteMet(
  { db }: Pick<World, 'db'>,
  scope: Scope,
  { ids, ...input }: TrackInput & { readonly ids: readonly string[] },
): Promise<void> {
  await transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, input.stream, fenceOf(input));
    if (locked.heldBy !== null) await letGo(tx, locked.id, ids);
    await sight(tx, locked, ids);
    await settle(tx, input.stream, locked, input, locked.seq, noChange());
  });
}

/** Of the crawl under way; without one nothing is noted. */
export async function sight(tx: Database, { id, trackingSince }: LockedStream, ids: readonly string[]): Promise<void> {
  if (trackingSince !== null && ids.length > 0)
    await run(tx, sql`insert into record_sightings (stream_id, external_ids) values (${id}, ${[...ids]}::text[])`);
}

/** Deleted ids; or how many were not, and why: they wait for a word. */
export type CrawlEnd = {
  readonly deleted: string[];
  readonly held?: { readonly count: number; readonly live: number; readonly reason: HoldReason };
};

/**
 * Ends the crawl: deletes what was not met, or holds it back when the guard says so.
 * @returns undefined when no crawl is under way. @throws SupersededError when a newer run took over
 */
export async function endTracking(
  { db }: Pick<World, 'db'>,
  scope: Scope,
  input: TrackInput & { readonly guard: DeletionGuard },
): Promise<CrawlEnd | undefined> {
  const { stream } = input;
  return transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, stream, fenceOf(input));
    if (locked.trackingSince === null) return undefined;
    // Reads the stream by its index, whatever the statistics say of how much of its partition it is.
    await run(tx, sql`set local enable_seqscan = off`);
    const held = await judge(tx, locked, input.guard);
    if (held) {
      await hold(tx, stream.id, { gone: sql`select id from ${goneOf(locked)}`, runId: input.runId, reason: held.reason });
      await stopTracking(tx, stream.id);
      await settle(tx, stream, locked, input, locked.seq, noChange());
      return { deleted: [], held };
    }
    await keepVersions(tx, locked, sql`records where stream_id = ${stream.id} and ctid in (select place from ${goneOf(locked)})`);
    const gone = await deleteGone(tx, locked);
    if (locked.heldBy !== null) await dropHold(tx, stream.id);
    await stopTracking(tx, stream.id);
    const bytes = -gone.reduce((sum, { size }) => sum + size, 0);
    await settle(tx, stream, locked, input, locked.seq + gone.length, { ...noChange(), deleted: gone.length, bytes });
    return { deleted: gone.map(({ id }) => id) };
  });
}

/** Live rows that the crawl did not meet. Materialized: an anti join by hash, whatever the planner thinks of the arrays. */
const goneOf = ({ id, trackingSince }: LockedStream) => sql`(
  with met as materialized (select unnest(external_ids) as id from record_sightings where stream_id = ${id})
  select ctid as place, external_id as id, seq from records
   where stream_id = ${id} and deleted_at is null and abs(generation) < ${trackingSince} and not exists (select from met where met.id = external_id)
) gone`;

/** Counts only where the guard could strike. */
async function judge(tx: Database, locked: LockedStream, guard: DeletionGuard): Promise<CrawlEnd['held']> {
  const { live, crawlFlawed: isFlawed } = locked;
  if (!reasonToHold({ gone: live, live, isFlawed }, guard)) return undefined;
  const { count } = await only<{ count: number }>(tx, sql`select count(*)::int as count from ${goneOf(locked)}`);
  const reason = reasonToHold({ gone: count, live, isFlawed }, guard);
  return reason && { count, live, reason };
}

function deleteGone(tx: Database, locked: LockedStream): Promise<{ id: string; size: number }[]> {
  return many(
    tx,
    // A place tells a row apart within its partition alone, so the stream is named with it.
    sql`update records r set deleted_at = ${locked.at}::timestamptz, changed_at = ${locked.at}::timestamptz, seq = ${locked.seq}::bigint + numbered.nr
      from (select place, row_number() over (order by seq) as nr from ${goneOf(locked)}) numbered
       where r.stream_id = ${locked.id} and r.ctid = numbered.place
      returning r.external_id as id, r.size`,
  );
}

/** A request failed while these models of the connection (row id) were crawled. Where no crawl is under way nothing is noted. */
export async function flawCrawls(
  db: Database,
  { environment }: Pick<Scope, 'environment'>,
  { connection, models, variant }: CrawlRef,
): Promise<void> {
  await run(
    db,
    sql`update record_streams set crawl_flawed = true
         where environment_id = ${environment.id} and connection_id = ${connection} and model = any(${[...models]}::text[]) and variant = ${variant}
           and tracking_since is not null and not crawl_flawed`,
  );
}
type CrawlRef = { readonly connection: number; readonly models: readonly string[]; readonly variant: string };

/** Forgets a crawl under way, for a sync that starts over. */
export async function forgetTracking({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<void> {
  await transaction(db, async (tx) => {
    await lockStream(tx, scope, stream);
    await stopTracking(tx, stream.id);
    await dropHold(tx, stream.id);
  });
}

async function stopTracking(tx: Database, streamId: number): Promise<void> {
  await run(tx, sql`update record_streams set tracking_since = null, crawl_flawed = false where id = ${streamId}`);
  await run(tx, sql`delete from record_sightings where stream_id = ${streamId}`);
}
