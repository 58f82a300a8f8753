/** Holds the lock of a deployment, as another process does that deploys. */
import type { ContractWorld } from './world.ts';

/** Of `dev`. @returns how to let it go */
export async function deploying({ platform }: ContractWorld): Promise<() => Promise<void>> {
  const { environment } = await platform.scopeOf('dev');
  const client = await platform.database.pool.connect();
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1::int, $2::int)', [0x6465_706c, environment.id]);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}
