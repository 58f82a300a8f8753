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
  await run(db, clearing(which));
}

/** The same as a part of a larger statement, done where `when` holds. */
export const clearing = (which: Which, when: RawBuilder<unknown> = sql`true`) =>
  sql`update connections set errors = ${others(which)}
       where environment_id = ${which.environmentId} and id = ${which.id} and errors <> '[]' and ${when}`;

const others = ({ type, key }: Which) =>
  sql`coalesce((select jsonb_agg(e) from jsonb_array_elements(errors) e where not (e ->> 'type' = ${type} and e ->> 'key' = ${key})), '[]')`;
