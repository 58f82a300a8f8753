/** Forgets events that are older than anyone asks for; those still being told have long had their attempts by then. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';

const DAYS_KEPT = 14;

/** @returns how many were forgotten */
export function purgeEvents({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock.now().getTime() - DAYS_KEPT * 24 * 3600 * 1000);
  return run(db, sql`delete from events where created_at < ${before}`);
}
