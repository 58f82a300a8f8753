/** How the schedule keeps up: what is due and has no run yet, and what runs. */
import { sql } from 'kysely';
import { many, only } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** `since`: of the one that waits longest; null: none waits. */
export type Waiting = { readonly count: number; readonly since: Date | null };
export type ClassOfSyncs = Waiting & { readonly backfill: boolean; readonly running: number };

/** Counted no further than this: beyond it the age says more. */
const COUNT_MAX = 100_000;

/** Of all environments, first and full runs apart: a look that reads what waits, for a scrape a few times a minute. */
export function syncClasses(db: Database): Promise<ClassOfSyncs[]> {
  return many<ClassOfSyncs>(
    db,
    sql`with due as (select backfill, wants_at from syncs where wants_at <= now() and wants_at < 'infinity' order by wants_at limit ${COUNT_MAX})
        select class.backfill, (select count(*)::int from due where due.backfill = class.backfill) as count,
               (select min(wants_at) from due where due.backfill = class.backfill) as since,
               (select count(*)::int from syncs where active_run is not null and triggered_at is null and deleted_at is null
                   and syncs.backfill = class.backfill) as running
          from unnest(array[false, true]) class(backfill)`,
  );
}

/** Of one environment. */
export function waitingSyncs(db: Database, { environment }: { environment: { id: number } }): Promise<Waiting> {
  return only<Waiting>(
    db,
    sql`select count(*)::int as count, min(wants_at) as since
          from (select wants_at from syncs where environment_id = ${environment.id} and wants_at <= now() limit ${COUNT_MAX}) due`,
  );
}

export type LateSync = {
  readonly environmentId: number;
  readonly id: string;
  readonly name: string;
  readonly integrationId: number;
  readonly connectionId: number;
  readonly wantsAt: Date;
};

/** Those of all environments that are due since before then and have no run; the ones that wait longest. */
export function lateSyncs(db: Database, before: Date, max: number): Promise<LateSync[]> {
  return many<LateSync>(
    db,
    sql`select environment_id, id, name, integration_id, connection_id, wants_at from syncs
         where wants_at < ${before} and wants_at < 'infinity' order by wants_at limit ${max}`,
  );
}
