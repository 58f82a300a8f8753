/** Find environments. Deleted ones are not there. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type Environment, environmentColumns } from './environment.ts';

type Reads = Pick<World, 'db'>;

/** By row id, for work that already belongs to the environment. @throws not_found */
export async function findEnvironment({ db }: Reads, id: number): Promise<Environment> {
  const row = await one<Environment>(db, sql`select ${environmentColumns} from environments where id = ${id} and deleted_at is null`);
  if (!row) throw problem('not_found', { message: 'This environment no longer exists' });
  return row;
}

/** By its name, which is unique in the account. */
export function lookEnvironment({ db }: Reads, accountId: number, name: string): Promise<Environment | undefined> {
  return one<Environment>(
    db,
    sql`select ${environmentColumns} from environments where account_id = ${accountId} and name = ${name} and deleted_at is null`,
  );
}

/** By the id in public addresses, such as those that providers send webhooks to. */
export function lookEnvironmentByUuid({ db }: Reads, uuid: string): Promise<Environment | undefined> {
  return one<Environment>(
    db,
    sql`select ${environmentColumns} from environments where uuid::text = ${uuid.toLowerCase()} and deleted_at is null`,
  );
}

/** Of one account, the oldest first: the first one is where a member starts. */
export function listEnvironments({ db }: Reads, accountId: number): Promise<Environment[]> {
  return many<Environment>(
    db,
    sql`select ${environmentColumns} from environments where account_id = ${accountId} and deleted_at is null order by id`,
  );
}
