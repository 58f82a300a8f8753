/**
 * The code of old versions goes; their history stays. Kept is what runs, what ran of late, and the last versions of every function.
 * A deployment may be about to use the same code again, so it goes under the lock of deployments, which is taken only when there is something to do.
 */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { tryLockDeployments } from './deployment.ts';

const VERSIONS_KEPT = 50;
const DAYS_KEPT = 90;

type Old = { environmentId: number; hashes: Buffer[] };

/** Of all environments. */
export async function purgeCode({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  const since = new Date(clock.now().getTime() - DAYS_KEPT * 24 * 3600_000);
  for (const { environmentId } of await oldCode(db, since, null))
    await tryLockDeployments(db, environmentId, async (tx) => {
      for (const { hashes } of await oldCode(tx, since, environmentId)) await drop(tx, environmentId, hashes);
    });
}

/** A version ran until the change that names it as the one before. */
function oldCode(db: Database, since: Date, environmentId: number | null): Promise<Old[]> {
  return many<Old>(
    db,
    sql`with newest as (
          select environment_id, integration_id, type, name, max(number) as number from function_versions
           where ${environmentId}::int is null or environment_id = ${environmentId}
           group by environment_id, integration_id, type, name having max(number) > ${VERSIONS_KEPT}
        ), old as (
          select v.environment_id, v.id, v.code_hash
            from function_versions v join newest n using (environment_id, integration_id, type, name)
           where v.number <= n.number - ${VERSIONS_KEPT} and v.created_at < ${since}
             and not exists (select 1 from functions f where f.environment_id = v.environment_id and f.version_id = v.id and f.deleted_at is null)
             and not exists (select 1 from deployment_changes c join deployments d on d.environment_id = c.environment_id and d.number = c.deployment
                              where c.environment_id = v.environment_id and v.id in (c.was_id, c.version_id) and d.created_at >= ${since})
        )
        select c.environment_id, array_agg(c.hash) as hashes
          from function_code c
         where exists (select 1 from old where old.environment_id = c.environment_id and old.code_hash = c.hash)
           and not exists (select 1 from function_versions v
                            where v.environment_id = c.environment_id and v.code_hash = c.hash and v.id not in (select id from old))
         group by c.environment_id`,
  );
}

async function drop(tx: Database, environmentId: number, hashes: readonly Buffer[]): Promise<void> {
  await run(tx, sql`delete from function_code where environment_id = ${environmentId} and hash = any(${[...hashes]}::bytea[])`);
  await run(
    tx,
    sql`delete from function_files f
         where f.environment_id = ${environmentId}
           and not exists (select 1 from function_code c, jsonb_each_text(c.files) listed
                            where c.environment_id = f.environment_id and decode(listed.value, 'hex') = f.hash)`,
  );
}
