/**
 * The door to Postgres: one pool, and Kysely over it for connections, transactions and the `sql` tag.
 * Columns come back in camelCase, json contents as they were stored, int8 as a number, timestamptz as a Date.
 * An int8 beyond 2^53 is an error, never a silently rounded number.
 */
import { createHash } from 'node:crypto';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { Pool, type PoolClient, types } from 'pg';
import type { Logger } from 'pino';
import { copying, type Pieces } from './copy-in.ts';
import { type Database, PREPARED } from './database.ts';

/** A connection URL, or the unix socket of the embedded server. */
export type PostgresTarget = string | { readonly host: string; readonly database: string; readonly user: string };

const INT8 = 20;

/**
 * Opens nothing yet: connections are made when first needed.
 * @param max connections this process may hold
 * @returns the pool (for the job engine, which brings its own statements) and the database; end the pool when done
 */
export function connectPostgres(target: PostgresTarget, { max, log }: { max: number; log: Logger }): { pool: Pool; db: Database } {
  const pool = new Pool({
    ...clientConfig(target),
    max,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  });
  // An idle connection that breaks (a server restart) is replaced by the pool; without a listener it would end the process.
  // Its error drags the whole client along, so only the message is logged; while the pool ends, connections may end in any way.
  pool.on('error', (error) => pool.ending || log.warn({ reason: error.message }, 'a database connection broke'));
  pool.on('connect', (client) => {
    // One that breaks between two statements of a transaction fails the next of them; unheard, the event would end the process.
    client.on('error', () => {});
    adapt(client);
  });
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  pools.set(db, pool);
  return { pool, db };
}

const pools = new WeakMap<Database, Pool>();

/** For what Kysely has no words for (`copy-out.ts`). Undefined for a transaction. */
export const poolOf = (db: Database): Pool | undefined => pools.get(db);

/** Kysely hands a statement over without a name; with one it is prepared. And its words for a statement with parameters are all it has for a COPY. */
function adapt(client: PoolClient): void {
  const query = client.query.bind(client);
  const adapted = (first: unknown, ...rest: unknown[]): unknown => {
    if (typeof first !== 'string') return Reflect.apply(query, client, [first, ...rest]);
    if (first.startsWith(PREPARED)) return Reflect.apply(query, client, [{ name: nameOf(first), text: first }, ...rest]);
    const [[pieces] = []] = rest as [[Pieces?]?];
    return isCopyIn(first) && pieces ? copying(query, first, pieces) : Reflect.apply(query, client, [first, ...rest]);
  };
  Object.assign(client, { query: adapted });
}

const isCopyIn = (statement: string) => /^copy .* from stdin/s.test(statement);

const names = new Map<string, string>();

/** There are as many texts as there are places that prepare one. */
function nameOf(text: string): string {
  const known = names.get(text) ?? createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, known);
  return known;
}

/** What every client of ours connects with. */
export function clientConfig(target: PostgresTarget) {
  return {
    ...(typeof target === 'string' ? { connectionString: target } : target),
    application_name: 'bowline',
    options: sessionOptions,
    types: { getTypeParser },
  };
}

const sessionOptions = [
  'jit=off', // one mis-estimated plan compiled by LLVM on every batch costs 8x
  // A machine that vanishes or freezes in the middle of a transaction must not hold its locks for the system's two hours, or for ever.
  'tcp_keepalives_idle=5',
  'tcp_keepalives_interval=2',
  'tcp_keepalives_count=3',
  'idle_in_transaction_session_timeout=30s',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

// Per pool instead of pg's global table, so that libraries sharing the process keep their own.
const getTypeParser: typeof types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  id === INT8 && format !== 'binary' ? safeNumber : types.getTypeParser(id, format);

function safeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a number; select it as text`);
  return value;
}
