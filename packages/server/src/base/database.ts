/** `one`, `many`, `transaction`: the three ways to run a statement written with the `sql` tag. Rows come back in camelCase, jsonb untouched. */
import { type Kysely, type RawBuilder, sql } from 'kysely';

/** A Kysely instance or a transaction of one. Statements are written with the `sql` tag, beside the verb they belong to. */
export type Database = Kysely<unknown>;

export async function many<Row>(db: Database, statement: RawBuilder<Row>): Promise<Row[]> {
  const { rows } = await statement.execute(db);
  return rows;
}

export async function one<Row>(db: Database, statement: RawBuilder<Row>): Promise<Row | undefined> {
  const [row] = await many(db, statement);
  return row;
}

/** For statements that always answer a row, such as `insert … returning`. */
export async function only<Row>(db: Database, statement: RawBuilder<Row>): Promise<Row> {
  const row = await one(db, statement);
  if (row === undefined) throw new Error('the statement answered no row');
  return row;
}

/** What the text of a statement begins with that `postgres.ts` prepares. */
export const PREPARED = '/* prepared */';

/**
 * The same, prepared once for each connection: parsed and soon planned no more, which is most of what a look-up costs (140 → 56 µs of Postgres).
 * Only where one plan is right for all parameters: look-ups by key. Its text must not vary.
 */
export const prepared = <Row>(statement: RawBuilder<Row>): RawBuilder<Row> => sql<Row>`${sql.raw(PREPARED)} ${statement}`;

/** Rows changed. */
export async function run(db: Database, statement: RawBuilder<unknown>): Promise<number> {
  const { numAffectedRows } = await statement.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Asks both at once; in a transaction, whose one connection takes a question at a time, one after the other. */
export async function both<A, B>(db: Database, first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
  return db.isTransaction ? [await first(), await second()] : Promise.all([first(), second()]);
}

/** Runs `work` in one transaction; a transaction handed in is joined, so verbs compose. */
export async function transaction<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
