/** Removes all records of a stream for good, for a sync that starts over with an empty cache. Readers get no news of it. */
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { dropHold } from './hold.ts';
import { lockStream, type Stream } from './stream.ts';

/** The stream itself stays with its numbers, so cursors keep their place: records saved again come after all of them. */
export async function emptyStream({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<void> {
  await transaction(db, async (tx) => {
    await lockStream(tx, scope, stream);
    await run(tx, sql`delete from records where stream_id = ${stream.id}`);
    await run(tx, sql`delete from record_versions where stream_id = ${stream.id}`);
    await run(tx, sql`delete from record_sightings where stream_id = ${stream.id}`);
    await run(
      tx,
      sql`update record_streams set live = 0, deleted = 0, bytes = 0, tracking_since = null, crawl_flawed = false where id = ${stream.id}`,
    );
    await dropHold(tx, stream.id);
  });
}

/** Removes a stream for good, numbers and all. Made anew it counts from the microseconds of that time, so old cursors stay behind. */
export async function removeStream({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<void> {
  await transaction(db, async (tx) => {
    await lockStream(tx, scope, stream);
    await run(tx, sql`delete from records where stream_id = ${stream.id}`);
    await run(tx, sql`delete from record_streams where environment_id = ${scope.environment.id} and id = ${stream.id}`);
  });
}

/** Removes all streams of a connection (row id), for its purge. */
export async function removeStreams({ db }: Pick<World, 'db'>, connection: number): Promise<void> {
  await transaction(db, async (tx) => {
    await run(tx, sql`select from record_streams where connection_id = ${connection} for update`);
    await run(tx, sql`delete from records where stream_id in (select id from record_streams where connection_id = ${connection})`);
    await run(tx, sql`delete from record_streams where connection_id = ${connection}`);
  });
}
