/** Schedules by the thousand, written straight into the tables: what the tests and the benchmark of the schedule claim from. */
import { sql } from 'kysely';
import { many, only, run } from '../../src/base/database.ts';
import type { Database } from '../../src/base/world.ts';

export type Seed = {
  /** One of that name is made, or found. */
  readonly environment: string;
  readonly integration?: string;
  readonly connections: number;
  /** Of each connection. */
  readonly syncs?: number;
  /** When they are due: seconds from now. */
  readonly dueInSeconds?: number;
  /** False: they have succeeded before. */
  readonly backfill?: boolean;
  readonly frequencyMs?: number;
};
export type Seeded = { readonly environmentId: number; readonly integrationId: number };

/** Due one after the other, a microsecond apart, in the order of their making. */
export async function seedSyncs(db: Database, seed: Seed): Promise<Seeded> {
  const { environment, integration = 'key', connections, syncs = 1, dueInSeconds = -60, backfill = false, frequencyMs = 3_600_000 } = seed;
  return db.transaction().execute(async (tx) => {
    await run(tx, sql`set local session_replication_role = replica`); // a version of the function, which nobody runs, is not made
    const environmentId = await idOf(
      tx,
      sql`select id from environments where name = ${environment}`,
      sql`insert into environments (account_id, name) select coalesce(max(id), 1), ${environment} from accounts returning id`,
    );
    const integrationId = await idOf(
      tx,
      sql`select id from integrations where environment_id = ${environmentId} and unique_key = ${integration}`,
      sql`insert into integrations (environment_id, unique_key, provider) values (${environmentId}, ${integration}, 'unauthenticated') returning id`,
    );
    await run(
      tx,
      sql`insert into functions (environment_id, integration_id, type, name, version_id)
          select ${environmentId}, ${integrationId}, 'sync', 'seeded-' || n, 0 from generate_series(1, ${syncs}::int) n
          on conflict (integration_id, type, name) where deleted_at is null do nothing`,
    );
    await run(
      tx,
      sql`with made as (
            insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
            select ${environmentId}, ${integrationId}, gen_random_uuid(), 'unauthenticated', 'NONE', ''
              from generate_series(1, ${connections}::int)
            returning id)
          insert into syncs (environment_id, connection_id, function_id, integration_id, name, frequency_ms, next_run_at, last_run, last_success_started_at)
          select ${environmentId}, made.id, f.id, ${integrationId}, f.name, ${frequencyMs},
                 now() + ${dueInSeconds} * interval '1 second' + row_number() over (order by made.id, f.id) * interval '1 microsecond',
                 0, case when ${backfill}::boolean then null else now() end
            from made cross join functions f where f.integration_id = ${integrationId}`,
    );
    return { environmentId, integrationId };
  });
}

async function idOf(
  tx: Database,
  look: ReturnType<typeof sql<{ id: number }>>,
  make: ReturnType<typeof sql<{ id: number }>>,
): Promise<number> {
  const [found] = await many(tx, look);
  return (found ?? (await only(tx, make))).id;
}

/** Ends the oldest runs under way, as their own end would. @returns their environments, in the order in which they were claimed */
export async function endOldest(db: Database, count: number): Promise<number[]> {
  const ended = await many<{ environmentId: number; run: number }>(
    db,
    sql`with oldest as (
          select id, active_run, environment_id from syncs where active_run is not null and triggered_at is null
           order by active_run limit ${count} for update),
        over as (update runs set state = 'success', ended_at = now() where id in (select active_run from oldest)),
        free as (update syncs set active_run = null where id in (select id from oldest))
        select environment_id, active_run as run from oldest order by active_run`,
  );
  return ended.map(({ environmentId }) => environmentId);
}
