/** Notes that a connection was used, at most once a minute: it says which tokens are worth keeping alive. Never waited for. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Connection } from './connection.ts';

const EVERY_MS = 60_000;

export function touch({ db, clock, log }: Pick<World, 'db' | 'clock' | 'log'>, connection: Connection): void {
  const now = clock.now();
  if (connection.lastFetchedAt && now.getTime() - connection.lastFetchedAt.getTime() < EVERY_MS) return;
  run(
    db,
    // The second condition: of many concurrent callers one writes.
    sql`update connections set last_fetched_at = ${now}
         where environment_id = ${connection.environmentId} and id = ${connection.id}
           and (last_fetched_at is null or last_fetched_at < ${new Date(now.getTime() - EVERY_MS)})`,
  ).catch((error: unknown) => log.warn({ err: error }, 'the use of a connection could not be noted'));
}
