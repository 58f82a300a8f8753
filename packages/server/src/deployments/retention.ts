/** The code of old versions goes; their history stays. Kept is what runs, what ran of late, and the last versions of every function. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';

const VERSIONS_KEPT = 50;
const DAYS_KEPT = 90;

/** Of all environments. A version ran until the change that names it as the one before. */
export async function purgeCode({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  const since = new Date(clock.now().getTime() - DAYS_KEPT * 24 * 3600_000);
  await run(
    db,
    sql`with newest as (
          select environment_id, integration_id, type, name, max(number) as number from function_versions
           group by environment_id, integration_id, type, name having max(number) > ${VERSIONS_KEPT}
        ), old as (
          select v.environment_id, v.id, v.code_hash
            from function_versions v join newest n using (environment_id, integration_id, type, name)
           where v.number <= n.number - ${VERSIONS_KEPT} and v.created_at < ${since}
             and not exists (select 1 from functions f where f.environment_id = v.environment_id and f.version_id = v.id and f.deleted_at is null)
             and not exists (select 1 from deployment_changes c join deployments d on d.environment_id = c.environment_id and d.number = c.deployment
                              where c.environment_id = v.environment_id and (c.was_id = v.id or c.version_id = v.id) and d.created_at >= ${since})
        )
        delete from function_code c using old
         where c.environment_id = old.environment_id and c.hash = old.code_hash
           and not exists (select 1 from function_versions v where v.environment_id = c.environment_id and v.code_hash = c.hash
                              and v.id not in (select id from old))`,
  );
  await run(
    db,
    sql`delete from function_files f
         where not exists (select 1 from function_code c, jsonb_each_text(c.files) listed
                            where c.environment_id = f.environment_id and decode(listed.value, 'hex') = f.hash)`,
  );
}
