/** Checkpoints: where an author's function goes on. One flat object per function, variant and connection, replaced as a whole. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { wanted } from '../http/wanted.ts';

export type Checkpoint = Record<string, string | number | boolean>;
type Owner = { environmentId: number; connectionId: number };

/** `sync:issues`, `sync:issues:eu` for a variant, `action:create-issue`. */
export const checkpointKey = (kind: string, name: string, variant = 'base') =>
  variant === 'base' ? `${kind}:${name}` : `${kind}:${name}:${variant}`;

export async function getCheckpoint(db: Database, { environmentId, connectionId }: Owner, key: string): Promise<Checkpoint | null> {
  return (await lookGathered(db, { environmentId, connectionId, key }))?.value ?? null;
}

/** Every run asks. */
const lookGathered = gathered<Owner & { key: string }, { value: Checkpoint }>(
  (keys) => sql<{ value: Checkpoint; place: number }>`select place::int, value
        from ${wanted(keys, [
          ['environment_id', 'int', ({ environmentId }) => environmentId],
          ['connection_id', 'int', ({ connectionId }) => connectionId],
          ['key', 'text', ({ key }) => key],
        ])}
        cross join lateral (select value from checkpoints c
                             where c.environment_id = wanted.environment_id and c.connection_id = wanted.connection_id and c.key = wanted.key limit 1) found`,
  ({ environmentId, connectionId, key }) => JSON.stringify([environmentId, connectionId, key]),
);

export async function saveCheckpoint(db: Database, { environmentId, connectionId }: Owner, key: string, value: Checkpoint): Promise<void> {
  await run(
    db,
    sql`insert into checkpoints (environment_id, connection_id, key, value)
        values (${environmentId}, ${connectionId}, ${key}, ${JSON.stringify(value)}::jsonb)
        on conflict (connection_id, key) do update set value = excluded.value, version = checkpoints.version + 1, updated_at = now()`,
  );
}

/** Exactly this key: a variant's or a longer name's checkpoint stays. */
export async function clearCheckpoint(db: Database, { environmentId, connectionId }: Owner, key: string): Promise<void> {
  await run(db, sql`delete from checkpoints where environment_id = ${environmentId} and connection_id = ${connectionId} and key = ${key}`);
}

/** All of one connection, by key. */
export async function listCheckpoints(
  db: Database,
  environmentId: number,
  connectionIds: readonly number[],
): Promise<Map<string, Checkpoint>> {
  const rows = await many<{ connectionId: number; key: string; value: Checkpoint }>(
    db,
    sql`select connection_id, key, value from checkpoints where environment_id = ${environmentId} and connection_id = any(${[...connectionIds]}::int[])`,
  );
  return new Map(rows.map(({ connectionId, key, value }) => [`${connectionId}/${key}`, value]));
}

export async function deleteCheckpoints(db: Database, { environmentId, connectionId }: Owner): Promise<void> {
  await run(db, sql`delete from checkpoints where environment_id = ${environmentId} and connection_id = ${connectionId}`);
}
