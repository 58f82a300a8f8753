/**
 * A column that holds sealed values, so that a rotation can find them all and seal them again. Each folder declares its own beside its
 * table; statements made of them go over all environments, which nothing else may.
 */
import { sql } from 'kysely';
import { many, only, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Header, Place } from './sealed.ts';

export type SealedRow = { readonly key: readonly unknown[]; readonly place: Place; readonly sealed: Buffer };
export type SealedColumn = {
  /** `connections.credentials_sealed` */
  readonly name: string;
  readonly count: (db: Database) => Promise<number>;
  /** How many values each key sealed. */
  readonly headers: (db: Database) => Promise<(Header & { readonly count: number })[]>;
  /** The next rows in the order of the key. */
  readonly after: (db: Database, key: readonly unknown[] | undefined, limit: number) => Promise<SealedRow[]>;
  /** The first and the last row there is. */
  readonly ends: (db: Database) => Promise<SealedRow[]>;
  /** False when somebody else wrote the row since it was read: what they wrote stays. */
  readonly replace: (db: Database, row: SealedRow, sealed: Buffer) => Promise<boolean>;
};
type Declared<Row> = {
  readonly table: string;
  readonly column: string;
  /** Columns of a unique, not null key. */
  readonly key: readonly string[];
  /** Columns that tell the place. */
  readonly reads: readonly string[];
  readonly place: (row: Row) => Place;
};

export function sealedColumn<Row extends object>({ table, column, key, reads, place }: Declared<Row>): SealedColumn {
  const [name, value] = [sql.table(table), sql.ref(column)];
  const keys = sql.join(key.map((one) => sql.ref(one)));
  const columns = sql.join(reads.map((one) => sql.ref(one)));
  const filled = sql`length(${value}) > 0`;
  const select = sql`select jsonb_build_array(${keys}) as row_key, ${columns}, ${value} as row_sealed from ${name} where ${filled}`;
  const read = async (db: Database, tail: ReturnType<typeof sql>) => {
    const rows = await many<Row & { rowKey: unknown[]; rowSealed: Buffer }>(db, sql`${select} ${tail}`);
    return rows.map((row) => ({ key: row.rowKey, place: place(row), sealed: row.rowSealed }));
  };
  return {
    name: `${table}.${column}`,
    count: async (db) => (await only<{ count: number }>(db, sql`select count(*) from ${name} where ${filled}`)).count,
    headers: (db) =>
      many(
        db,
        sql`select get_byte(${value}, 0) as form, ('x' || encode(substring(${value} from 2 for 4), 'hex'))::bit(32)::int as key_id, count(*)
              from ${name} where ${filled} group by 1, 2`,
      ),
    after: (db, last, limit) => read(db, sql`${last ? sql`and (${keys}) > (${sql.join(last)})` : sql``} order by ${keys} limit ${limit}`),
    ends: async (db) => [
      ...(await read(db, sql`order by ${keys} limit 1`)),
      ...(await read(db, sql`order by ${sql.join(key.map((one) => sql`${sql.ref(one)} desc`))} limit 1`)),
    ],
    replace: async (db, row, sealed) =>
      (await run(db, sql`update ${name} set ${value} = ${sealed} where (${keys}) = (${sql.join(row.key)}) and ${value} = ${row.sealed}`)) >
      0,
  };
}
