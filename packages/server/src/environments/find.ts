/** Find environments. Deleted ones are not there. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { wanted } from '../http/wanted.ts';
import { type Environment, environmentColumns } from './environment.ts';

type Reads = Pick<World, 'db'>;

/** By row id, for work that already belongs to the environment. @throws not_found */
export async function findEnvironment({ db }: Reads, id: number): Promise<Environment> {
  const row = await lookEnvironmentById({ db }, id);
  if (!row) throw problem('not_found', { message: 'This environment no longer exists' });
  return row;
}

export function lookEnvironmentById({ db }: Reads, id: number): Promise<Environment | undefined> {
  return lookGathered(db, id);
}

/** Every run asks. */
const lookGathered = gathered<number, Environment>(
  (ids) => sql<Environment & { place: number }>`select place::int, ${environmentColumns}
        from ${wanted(ids, [['wanted_id', 'int', (id) => id]])} join environments on id = wanted_id where deleted_at is null`,
  String,
);

/** Of one account: another account's environment is simply not there. @throws not_found */
export async function findOwnEnvironment(world: Reads, accountId: number, id: number): Promise<Environment> {
  const found = (await listEnvironments(world, accountId)).find((one) => one.id === id);
  if (!found) throw problem('not_found', { message: `Your account has no environment with the id ${id}` });
  return found;
}

/** By its name, which is unique in the account. */
export function lookEnvironment({ db }: Reads, accountId: number, name: string): Promise<Environment | undefined> {
  return one<Environment>(
    db,
    sql`select ${environmentColumns} from environments where account_id = ${accountId} and name = ${name} and deleted_at is null`,
  );
}

/** By the id in public addresses, such as those that providers send webhooks to; what is no UUID names none. */
export async function lookEnvironmentByUuid({ db }: Reads, uuid: string): Promise<Environment | undefined> {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid) ? lookGatheredByUuid(db, uuid.toLowerCase()) : undefined;
}

/** Every webhook of a provider asks. */
const lookGatheredByUuid = gathered<string, Environment>(
  (uuids) => sql<Environment & { place: number }>`select place::int, ${environmentColumns}
        from ${wanted(uuids, [['wanted_uuid', 'uuid', (uuid) => uuid]])} join environments on uuid = wanted_uuid where deleted_at is null`,
  String,
);

/** Of one account, the oldest first: the first one is where a member starts. */
export function listEnvironments({ db }: Reads, accountId: number): Promise<Environment[]> {
  return many<Environment>(
    db,
    sql`select ${environmentColumns} from environments where account_id = ${accountId} and deleted_at is null order by id`,
  );
}

/** The same, locked until the transaction ends, so that whoever adds or removes something of the account takes turns. */
export async function lockEnvironments(tx: Database, accountId: number): Promise<Environment[]> {
  await run(tx, sql`select from environments where account_id = ${accountId} and deleted_at is null order by id for no key update`);
  return listEnvironments({ db: tx }, accountId); // a statement of its own: it sees what the turn before committed
}
