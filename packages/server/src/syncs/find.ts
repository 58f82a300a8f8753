/** Find syncs. */
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { nameOfOwn, type OwnId, wantedOwn } from '../http/wanted.ts';
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
        from ${wantedOwn(keys, 'uuid')},
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
