/** Which keys are in use: what says that an old one may be removed. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { SealedColumn } from './column.ts';
import { lookRotation } from './rotate.ts';

export type KeyStatus = {
  /** Data keys by what wraps them, such as `local:2`; those retired apart. */
  readonly dataKeys: Readonly<Record<string, { readonly sealing: number; readonly retired: number }>>;
  /** Values by what sealed them: `data key`, `retired data key`, or `local:1` for those from before there were data keys. */
  readonly values: Readonly<Record<string, number>>;
  /** When a rotation began that has not ended. */
  readonly rotatingSince: string | null;
  /** Whatever is not named here may be removed. */
  readonly needed: readonly string[];
};

export async function keyStatus({ db }: Pick<World, 'db'>, columns: readonly SealedColumn[]): Promise<KeyStatus> {
  const keys = await many<{ wrappedBy: string; sealing: number; retired: number }>(
    db,
    sql`select wrapped_by, count(*) filter (where retired_at is null) as sealing, count(*) filter (where retired_at is not null) as retired
          from data_keys where wrapped is not null group by wrapped_by order by wrapped_by`,
  );
  const retired = new Set((await many<{ id: number }>(db, sql`select id from data_keys where retired_at is not null`)).map(({ id }) => id));
  const values: Record<string, number> = {};
  for (const column of columns) {
    for (const { form, keyId, count } of await column.headers(db)) {
      const name = form === 1 ? `local:${keyId}` : retired.has(keyId) ? 'retired data key' : 'data key';
      values[name] = (values[name] ?? 0) + count;
    }
  }
  const rotation = await lookRotation(db);
  return {
    dataKeys: Object.fromEntries(keys.map(({ wrappedBy, ...counts }) => [wrappedBy, counts])),
    values,
    rotatingSince: rotation?.startedAt.toISOString() ?? null,
    needed: [
      ...new Set([...keys.map(({ wrappedBy }) => wrappedBy), ...Object.keys(values).filter((name) => name.startsWith('local:'))]),
    ].sort(),
  };
}
