/** Find syncs. */
import { sql } from 'kysely';
import { listed, many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered, nameOfOwn, type OwnId } from '../http/gather.ts';
import { columns, type Sync } from './sync.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

/** Of some connections, by name and variant. */
export async function listSyncs(db: Database, { environment }: InEnvironment, connectionIds: readonly number[]): Promise<Sync[]> {
  return many<Sync>(
    db,
    sql`select ${columns} from syncs
         where environment_id = ${environment.id} and connection_id = any(${[...connectionIds]}::int[]) and deleted_at is null
         order by name, variant, id`,
  );
}

export function lookSync(db: Database, { environment }: InEnvironment, id: string): Promise<Sync | undefined> {
  return lookGathered(db, { environmentId: environment.id, id });
}

/** Every run asks. */
const lookGathered = gathered<OwnId<string>, Sync>(
  (keys) => sql<Sync & { place: number }>`select place::int, found.*
        from unnest(${listed(
          keys.map(({ environmentId }) => environmentId),
          'int',
        )}, ${listed(
          keys.map(({ id }) => id),
          'uuid',
        )}) with ordinality as
               wanted(environment_id, id, place),
             lateral (select ${columns} from syncs
                       where syncs.environment_id = wanted.environment_id and syncs.id = wanted.id and deleted_at is null limit 1) found`,
  nameOfOwn,
);

export async function countSyncs(db: Database, { environment }: InEnvironment): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from syncs where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row?.count ?? 0;
}
