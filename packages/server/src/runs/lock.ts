/** Locks that functions take: by environment and key, owned by a run, ending by themselves. */
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

type Lock = { environmentId: number; key: string; owner: string };

/** Taken when free, expired, or ours already (which extends it). */
export async function acquireLock(db: Database, { environmentId, key, owner }: Lock, ttlMs: number): Promise<boolean> {
  const expiry = sql`now() + ${`${ttlMs} milliseconds`}::interval`;
  const row = await one(
    db,
    sql`insert into locks (environment_id, key, owner, expires_at) values (${environmentId}, ${key}, ${owner}, ${expiry})
        on conflict (environment_id, key) do update set owner = excluded.owner, expires_at = excluded.expires_at
          where locks.owner = excluded.owner or locks.expires_at < now()
        returning key`,
  );
  return row !== undefined;
}

export async function releaseLock(db: Database, { environmentId, key, owner }: Lock): Promise<boolean> {
  return (await run(db, sql`delete from locks where environment_id = ${environmentId} and key = ${key} and owner = ${owner}`)) === 1;
}

export async function releaseLocks(db: Database, { environmentId, owner }: Omit<Lock, 'key'>): Promise<void> {
  await run(db, sql`delete from locks where environment_id = ${environmentId} and owner = ${owner}`);
}
