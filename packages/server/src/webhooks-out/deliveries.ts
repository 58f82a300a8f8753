/** Read deliveries: a page of them, or one with its body and attempts. */
import { problem } from '@bowline/api/problem';
import type { DeliveryFilter, WebhookAttempt, WebhookDelivery } from '@bowline/api/webhook-deliveries';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import type { DeliveryState } from './delivery.ts';
import { readForwarded } from './forwarded.ts';

type Db = Pick<World, 'db'>;
type Row = {
  id: string;
  seq: number;
  endpointId: string;
  url: string;
  name: string;
  type: string;
  integration: string | null;
  connection: string | null;
  state: DeliveryState;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  /** Null: in a line, behind another. */
  nextAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
};
const ATTEMPTS_SHOWN_MAX = 100;

const columns = sql`
  d.id, d.seq, d.endpoint_id, coalesce(e.url, d.url) as url, d.name, d.type, d.integration, d.connection, d.state, d.attempts,
  d.last_status, d.last_error, nullif(d.next_at, 'infinity') as next_at, d.created_at, d.finished_at`;

/** As a condition on `d`. */
export const fitting = ({ environment }: Pick<Scope, 'environment'>, filter: DeliveryFilter) => {
  const { endpoint, state, event, from, to } = filter;
  return sql`d.environment_id = ${environment.id}
    ${endpoint === undefined ? sql`` : sql`and d.endpoint_id = ${endpoint}::uuid`}
    ${state === undefined ? sql`` : sql`and d.state = ${state}`}
    ${event === undefined ? sql`` : sql`and d.name = ${event}`}
    ${filter.integration === undefined ? sql`` : sql`and d.integration = ${filter.integration}`}
    ${filter.connection === undefined ? sql`` : sql`and d.connection = ${filter.connection}`}
    ${from === undefined ? sql`` : sql`and d.created_at >= ${from}::timestamptz`}
    ${to === undefined ? sql`` : sql`and d.created_at < ${to}::timestamptz`}`;
};

/** Places are counted by the deliveries' `seq`. @throws invalid_cursor */
export function placeOf(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw problem('invalid_cursor');
  return cursor;
}

/** About a tenth of a second of reading. */
const COUNTED_MAX = 100_000;

export async function countDeliveries({ db }: Db, scope: Scope, filter: DeliveryFilter) {
  const rows = await many<{ state: DeliveryState; count: number }>(
    db,
    sql`select state, count(*)::int as count from (select d.state from webhook_deliveries d where ${fitting(scope, filter)} limit ${COUNTED_MAX}) fit group by state`,
  );
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  const found = { pending: counts.get('pending') ?? 0, delivered: counts.get('delivered') ?? 0, failed: counts.get('failed') ?? 0 };
  return { ...found, more: found.pending + found.delivered + found.failed === COUNTED_MAX };
}

/** Newest first. @throws invalid_cursor */
export async function listDeliveries(
  { db }: Db,
  scope: Scope,
  { cursor, limit, ...filter }: DeliveryFilter & { cursor?: string | undefined; limit: number },
): Promise<{ data: WebhookDelivery[]; nextCursor: string | null }> {
  const place = placeOf(cursor);
  const rows = await many<Row>(
    db,
    sql`select ${columns} from webhook_deliveries d left join webhook_endpoints e on e.id = d.endpoint_id
         where ${fitting(scope, filter)} ${place === undefined ? sql`` : sql`and d.seq < ${place}::bigint`}
         order by d.seq desc limit ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  return { data: page.map(wireDelivery), nextCursor: rows.length > limit ? String(page.at(-1)?.seq) : null };
}

/** @throws not_found */
export async function findDelivery(
  { db, keyring }: Db & Pick<World, 'keyring'>,
  { environment }: Scope,
  id: string,
): Promise<WebhookDelivery & { body: string; attempts_made: WebhookAttempt[] }> {
  const row = await one<Row & { body: string | null; forwardId: string | null }>(
    db,
    sql`select ${columns}, d.body, d.forward_id from webhook_deliveries d left join webhook_endpoints e on e.id = d.endpoint_id
         where d.environment_id = ${environment.id} and d.id = ${id}::uuid`,
  );
  if (!row) throw problem('not_found', { message: 'There is no delivery of this id; they are kept for 14 days' });
  const attempts = await many<{ at: Date; durationMs: number; status: number | null; error: string | null; response: string | null }>(
    db,
    sql`select at, duration_ms, status, error, response from webhook_attempts
         where environment_id = ${environment.id} and delivery_id = ${id}::uuid order by id desc limit ${ATTEMPTS_SHOWN_MAX}`,
  );
  const made = attempts.toReversed().map(({ at, durationMs, ...rest }) => ({ at: at.toISOString(), duration_ms: durationMs, ...rest }));
  const stored =
    row.forwardId === null ? undefined : (await readForwarded({ db, keyring }, environment.id, [row.forwardId])).get(row.forwardId);
  return { ...wireDelivery(row), body: row.body ?? stored?.body ?? '', attempts_made: made };
}

function wireDelivery(row: Row): WebhookDelivery {
  return {
    id: row.id,
    endpoint_id: row.endpointId,
    url: row.url,
    event: row.name || row.type,
    integration: row.integration,
    connection: row.connection,
    state: row.state,
    attempts: row.attempts,
    last_status: row.lastStatus,
    last_error: row.lastError,
    next_attempt_at: row.state === 'pending' ? (row.nextAt?.toISOString() ?? null) : null,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
  };
}
