/** The keys that sign an environment's webhooks: the current one, and for a while after a rotation the one before it. */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { signingKeyPlace } from './environment.ts';

/** @returns UUIDs, the current one first; none when the environment was deleted */
export async function signingKeys(
  { db, keyring, clock }: Pick<World, 'db' | 'keyring' | 'clock'>,
  environmentId: number,
): Promise<string[]> {
  const row = await one<{ current: Buffer; previous: Buffer | null }>(
    db,
    sql`select signing_key_sealed as current,
               case when previous_signing_key_until > ${clock.now()}::timestamptz then previous_signing_key_sealed end as previous
          from environments where id = ${environmentId} and deleted_at is null`,
  );
  if (!row) return [];
  const sealed = row.previous ? [row.current, row.previous] : [row.current];
  return Promise.all(sealed.map((key) => open(keyring, signingKeyPlace(environmentId), key)));
}
