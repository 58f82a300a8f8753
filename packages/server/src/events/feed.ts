/**
 * An environment's events in the order in which they became visible. Places are given when somebody reads, under the lock of the feed's row: an event that
 * commits late is not there yet and gets a later place, so whoever follows places misses nothing, and whoever publishes waits for nobody (decisions/051).
 */
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Event } from './event.ts';

export type Placed = Event & { readonly place: number; readonly createdAt: Date };

/** Given at once; a feed that is read for the first time after two weeks has many. */
const PLACED_MAX = 5_000;

/** @param after a place. @returns the oldest at or behind it, at most `limit` */
export async function readFeed(
  { db }: Pick<World, 'db'>,
  environmentId: number,
  { from, limit }: { from: number; limit: number },
): Promise<Placed[]> {
  const read = () =>
    many(
      db,
      sql<Placed>`select id, environment_id, type, payload, place, created_at from events
                   where environment_id = ${environmentId} and place >= ${from} order by place limit ${limit}`,
    );
  const found = await read();
  if (found.length === limit || (await givePlaces(db, environmentId)) === 0) return found;
  return read();
}

/** The place of the newest event: whoever begins here gets what happens from now on. */
export async function lastPlace({ db }: Pick<World, 'db'>, environmentId: number): Promise<number> {
  while ((await givePlaces(db, environmentId)) === PLACED_MAX);
  const { last } = await only<{ last: number }>(
    db,
    sql`select coalesce((select last_place from event_feeds where environment_id = ${environmentId}), 0) as last`,
  );
  return last;
}

function givePlaces(db: Database, environmentId: number): Promise<number> {
  return transaction(db, async (tx) => {
    const { any } = await only<{ any: boolean }>(
      tx,
      sql`select exists (select from events where environment_id = ${environmentId} and place is null) as any`,
    );
    if (!any) return 0; // nobody is kept waiting for the lock
    await run(tx, sql`insert into event_feeds (environment_id) values (${environmentId}) on conflict do nothing`);
    await run(tx, sql`select from event_feeds where environment_id = ${environmentId} for update`);
    // A statement of its own: it sees what committed while the lock was waited for.
    return run(
      tx,
      sql`with numbered as (
            select id, row_number() over (order by id) as nth from (
              select id from events where environment_id = ${environmentId} and place is null order by id limit ${PLACED_MAX}) unplaced),
          feed as (
            update event_feeds set last_place = last_place + (select count(*) from numbered) where environment_id = ${environmentId}
            returning last_place - (select count(*) from numbered) as before)
          update events e set place = feed.before + numbered.nth from numbered, feed where e.id = numbered.id and e.environment_id = ${environmentId}`,
    );
  });
}

export async function forgetFeed(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from event_feeds where environment_id = ${environmentId}`);
}
