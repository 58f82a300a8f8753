/**
 * The activity log, newest first, filtered and searched.
 * Text is searched in stretches of operations, newest first, and only so many for one answer: a page may hold less than asked for
 * (even nothing) and still name a cursor from which the search goes on.
 */
import type { Operation as WireOperation } from '@bowline/api/logs';
import { problem } from '@bowline/api/problem';
import { type RawBuilder, sql } from 'kysely';
import { many } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { OperationState, OperationType } from './entry.ts';
import { firstOperationId, isOperationId } from './operation-id.ts';
import { type Operation, operationColumns, wireOperation } from './read.ts';

export type OperationFilter = {
  readonly type?: OperationType | undefined;
  readonly state?: OperationState | undefined;
  readonly integration?: string | undefined;
  readonly connection?: string | undefined;
  readonly function?: string | undefined;
  readonly search?: string | undefined;
  /** ISO times; `from` is in, `to` is not. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};
export type OperationPage = { operations: WireOperation[]; nextCursor: string | null };
type InEnvironment = { readonly environment: { readonly id: number } };
type Stretch = { found: Operation[] /** Where the next one starts; undefined at the log's end. */; rest: string | undefined };

/** Operations looked at by one statement, and by one answer. */
const STRETCH = 2_000;
const STRETCHES_MAX = 10;
/** A sync may log a hundred thousand messages; the first ones of each operation are searched. */
const MESSAGES_SEARCHED = 500;

/** @throws invalid_cursor */
export async function searchOperations(
  { db }: Pick<World, 'db'>,
  { environment }: InEnvironment,
  filter: OperationFilter,
): Promise<OperationPage> {
  if (filter.cursor !== undefined && !isOperationId(filter.cursor)) throw problem('invalid_cursor');
  const found: Operation[] = [];
  let before = filter.cursor;
  for (let stretches = 0; stretches < STRETCHES_MAX; stretches += 1) {
    const stretch = await readStretch({ db }, environment.id, { ...filter, cursor: before, limit: filter.limit - found.length });
    found.push(...stretch.found);
    before = stretch.rest;
    if (before === undefined || found.length >= filter.limit) break;
  }
  return { operations: found.map(wireOperation), nextCursor: before ?? null };
}

async function readStretch({ db }: Pick<World, 'db'>, environmentId: number, filter: OperationFilter): Promise<Stretch> {
  const candidates = sql`select ${operationColumns} from operations where ${conditions(environmentId, filter)} order by id desc`;
  if (!filter.search) {
    const rows = await many<Operation>(db, sql`${candidates} limit ${filter.limit + 1}`);
    const found = rows.slice(0, filter.limit);
    return { found, rest: rows.length > filter.limit ? found.at(-1)?.id : undefined };
  }
  const rows = await many<Operation & { last: string | null; looked: number }>(
    db,
    sql`with stretch as materialized (${candidates} limit ${STRETCH}),
             found as (select * from stretch where ${matches(filter.search)} order by id desc limit ${filter.limit})
        select found.*, whole.last, whole.looked
        from (select min(id) as last, count(*)::int as looked from stretch) as whole left join found on true
        order by found.id desc`,
  );
  const { last = null, looked = 0 } = rows[0] ?? {};
  const found = rows.flatMap(({ last: _last, looked: _looked, ...row }) => (row.id === null ? [] : [row]));
  if (found.length >= filter.limit) return { found, rest: found.at(-1)?.id };
  return { found, rest: looked === STRETCH && last ? last : undefined };
}

/** Ids sort by time, so times become bounds of the id and one index serves all. */
function conditions(
  environmentId: number,
  { type, state, integration, connection, function: name, from, to, cursor }: OperationFilter,
): RawBuilder<unknown> {
  const all = [sql`environment_id = ${environmentId}`];
  if (type) all.push(sql`type = ${type}`);
  if (state) all.push(sql`state = ${state}`);
  if (integration) all.push(sql`integration = ${integration}`);
  if (connection) all.push(sql`connection = ${connection}`);
  if (name) all.push(sql`function = ${name}`);
  if (from) all.push(sql`id >= ${firstOperationId(new Date(from))}`);
  if (to) all.push(sql`id < ${firstOperationId(new Date(to))}`);
  if (cursor) all.push(sql`id < ${cursor}`);
  return sql.join(all, sql` and `);
}

function matches(search: string): RawBuilder<unknown> {
  const pattern = `%${search.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(title ilike ${pattern} or function ilike ${pattern} or connection ilike ${pattern} or error ilike ${pattern}
    or exists (
      select from (select message from operation_messages where operation_id = stretch.id order by id limit ${MESSAGES_SEARCHED}) as messages
      where message ilike ${pattern}))`;
}
