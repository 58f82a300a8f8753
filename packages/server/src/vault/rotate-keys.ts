/** The part of a rotation that concerns data keys: wrapping them with the newest master key, and putting new ones in their place. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { type Row, unwrap, wrapContext } from './data-keys.ts';
import type { KeyWrapper, Wrapped } from './wrapper.ts';

type Needs = { readonly db: Database; readonly wrappers: readonly [KeyWrapper, ...KeyWrapper[]] };

/** A key service is asked over the network for each key. */
const BATCH = 20;

/** Wraps again what is not wrapped by `name`, retired keys too. @returns how many */
export async function wrapDataKeys({ db, wrappers }: Needs, name: string): Promise<number> {
  let wrapped = 0;
  for (;;) {
    const rows = await many<Row & { wrapped: Buffer }>(
      db,
      sql`select id, environment_id, wrapped, wrapped_by from data_keys
           where wrapped_by <> ${name} and wrapped is not null order by id limit ${BATCH}`,
    );
    if (rows.length === 0) return wrapped;
    const changed = await Promise.all(
      rows.map(async (row) => {
        const fresh = await wrappers[0].wrap(await unwrap(wrappers, row), wrapContext(row.environmentId));
        // Of the same bytes only: an environment that is deleted meanwhile stays destroyed.
        return run(
          db,
          sql`update data_keys set wrapped = ${fresh.bytes}, wrapped_by = ${fresh.by} where id = ${row.id} and wrapped = ${row.wrapped}`,
        );
      }),
    );
    wrapped += changed.reduce((sum, count) => sum + count, 0);
  }
}

/** Retires each data key that is older than the rotation and puts a new one in its place. @returns how many */
export async function replaceDataKeys({ db, wrappers }: Needs, startedAt: string): Promise<number> {
  let replaced = 0;
  for (;;) {
    const rows = await many<Pick<Row, 'id' | 'environmentId'>>(
      db,
      sql`select id, environment_id from data_keys
           where retired_at is null and wrapped is not null and created_at < ${startedAt}::timestamptz order by id limit ${BATCH}`,
    );
    if (rows.length === 0) return replaced;
    for (const row of rows) {
      const fresh = await wrappers[0].wrap(randomBytes(32), wrapContext(row.environmentId));
      if (await replace(db, row, fresh)) replaced++;
    }
  }
}

function replace(db: Database, { id, environmentId }: Pick<Row, 'id' | 'environmentId'>, { bytes, by }: Wrapped): Promise<boolean> {
  return transaction(db, async (tx) => {
    const retired = await run(
      tx,
      sql`update data_keys set retired_at = clock_timestamp() where id = ${id} and retired_at is null and wrapped is not null`,
    );
    if (retired === 0) return false;
    await run(tx, sql`insert into data_keys (environment_id, wrapped, wrapped_by) values (${environmentId}, ${bytes}, ${by})`);
    return true;
  });
}
