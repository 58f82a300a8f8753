/** Reads records as they were: of each the newest version up to a moment or a cursor, in the order of ids; and all kept versions of one record. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Scope } from '../http/scope.ts';
import { placeOf } from './cursor.ts';
import { lookCipher, type RecordWorld } from './key.ts';
import { COLUMNS, emptyPage, type Page, pageOf, type Row } from './splice.ts';
import { byIds, inOrder, type Stream } from './stream.ts';

/** `at`: ISO 8601, or a record's cursor. */
export type AsOf = {
  readonly at: string;
  readonly ids?: readonly string[] | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** Of both tables alike. */
const kept = sql.raw('stream_id, external_id, seq, rev, content, created_at, changed_at, deleted_at, pruned_at');

/** Records that were deleted then are left out. @throws invalid_cursor, history_not_kept */
export async function listAsOf(
  world: RecordWorld,
  scope: Scope,
  stream: Stream | undefined,
  { at, ids, cursor, limit }: AsOf,
): Promise<Page> {
  const until = untilOf(at);
  const after = cursor === undefined ? '' : afterOf('i', cursor);
  if (!stream) return emptyPage();
  await checkKept(world, scope, stream, until);
  const here = (table: 'records' | 'record_versions') => sql`
    select ${kept} from ${ids ? byIds(stream.id, ids, table) : sql.raw(table)} where stream_id = ${stream.id} and external_id > ${after} and ${until.holds}`;
  const rows = await many(
    world.db.withoutPlugins(),
    sql<Row>`select ${COLUMNS} from (
        select distinct on (external_id) * from (${here('records')} union all ${here('record_versions')}) versions order by external_id, seq desc
      ) then_current where deleted_at is null order by external_id limit ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = last && rows.length > limit ? Buffer.from(`i:${last.id}`).toString('base64') : null;
  return pageOf(page, await lookCipher(world, scope, stream), nextCursor);
}

/** Newest first, the current one included. @throws invalid_cursor */
export async function listVersions(
  world: RecordWorld,
  scope: Scope,
  stream: Stream | undefined,
  { id, cursor, limit }: { id: string; cursor?: string | undefined; limit: number },
): Promise<Page> {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(afterOf('v', cursor));
  if (!stream) return emptyPage();
  const here = sql`stream_id = ${stream.id} and external_id = ${id} and seq < ${before}`;
  const rows = await many(
    world.db.withoutPlugins(),
    sql<Row>`select ${COLUMNS} from (
        select ${kept} from records where ${here} union all select ${kept} from record_versions where ${here}
      ) versions order by seq desc limit ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = last && rows.length > limit ? Buffer.from(`v:${last.seq}`).toString('base64') : null;
  return pageOf(page, await lookCipher(world, scope, stream), nextCursor);
}

type Until = { readonly holds: ReturnType<typeof sql>; readonly moment: Date | undefined; readonly seq: number | undefined };

function untilOf(at: string): Until {
  if (/^\d{4}-/.test(at)) {
    const moment = new Date(at);
    return { moment, seq: undefined, holds: sql`changed_at <= ${at}::timestamptz` };
  }
  const place = placeOf(at);
  if ('seq' in place) return { moment: undefined, seq: place.seq, holds: sql`seq <= ${place.seq}` };
  return { moment: place.since, seq: undefined, holds: sql`changed_at <= ${place.since}::timestamptz` };
}

/** From when on the stream can be read: since its history began, and no further back than versions are kept. */
async function checkKept({ db }: RecordWorld, { environment }: Scope, stream: Stream, { moment, seq }: Until): Promise<void> {
  const row = await one<{ since: Date; isTold: boolean }>(
    db,
    // Of a cursor: nothing behind it changed before that. Times rise with the numbers, so the first behind it tells, in either table.
    sql`select kept.since, case when ${seq ?? null}::bigint is null then ${moment ?? null}::timestamptz >= kept.since
              else coalesce((select changed_at from records where ${inOrder(stream.id)} and seq > ${seq ?? 0} order by seq limit 1) >= kept.since, true)
                and coalesce((select changed_at from record_versions where stream_id = ${stream.id} and seq > ${seq ?? 0} order by seq limit 1) >= kept.since, true)
            end as is_told
          from (select greatest(s.history_since, now() - r.keep_days * interval '1 day') as since
                  from record_streams s join record_history_rules r on r.environment_id = s.environment_id and r.model = s.model
                 where s.environment_id = ${environment.id} and s.id = ${stream.id} and s.history_since is not null) kept`,
  );
  if (row?.isTold) return;
  // Stored to the microsecond: the millisecond that is told must be one that can be asked for.
  throw problem('history_not_kept', {
    message: row
      ? `The history of ${stream.model} goes back to ${new Date(row.since.getTime() + 1).toISOString()}: ask for a later moment`
      : `${stream.model} has no history. Turn it on with PUT /records/history-settings; it counts from then on`,
  });
}

/** What a page of this kind ended with. @throws invalid_cursor */
function afterOf(kind: 'i' | 'v', cursor: string): string {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  const after = text.slice(2);
  if (text.startsWith(`${kind}:`) && (kind === 'i' ? after !== '' && !after.includes('\0') : /^\d{1,16}$/.test(after))) return after;
  throw problem('invalid_cursor', { message: 'Send the "next_cursor" of a page of the same question, unchanged' });
}
