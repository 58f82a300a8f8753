/** Mark what is wrong with a connection, and take the mark away. One mark per type and key, so repeating changes nothing. */
import { type RawBuilder, sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

type Which = { environmentId: number; id: number; type: 'auth' | 'sync'; key: string };

export async function markError(db: Database, which: Which, logId: string): Promise<void> {
  const mark = JSON.stringify([{ type: which.type, log_id: logId, key: which.key }]);
  await run(
    db,
    sql`update connections set errors = ${others(which)} || ${mark}::jsonb where environment_id = ${which.environmentId} and id = ${which.id}`,
  );
}

export async function clearError(db: Database, which: Which): Promise<void> {
  await run(
    db,
    sql`update connections set errors = ${others(which)}
         where environment_id = ${which.environmentId} and id = ${which.id} and errors <> '[]'`,
  );
}

/** The same for many syncs, as a part of a larger statement. @param ended its `environment_id`, `connection_id` and `sync_id` */
export const clearingAll = (ended: RawBuilder<unknown>) => sql`
  update connections set errors = coalesce((
           select jsonb_agg(e) from jsonb_array_elements(errors) e
            where not (e ->> 'type' = 'sync' and e ->> 'key' in (select sync_id::text from ${ended} where connection_id = connections.id))), '[]')
   where errors <> '[]' and (environment_id, id) in (select environment_id, connection_id from ${ended})`;

const others = ({ type, key }: Which) =>
  sql`coalesce((select jsonb_agg(e) from jsonb_array_elements(errors) e where not (e ->> 'type' = ${type} and e ->> 'key' = ${key})), '[]')`;
