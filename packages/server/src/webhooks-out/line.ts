/**
 * A line: the deliveries of one connection to an ordered endpoint, which go one after the other. Only the first is due; the others wait until infinity, so however
 * many there are, no claim passes over them. That nobody overtakes, claims see to themselves; kept here is that the first can go.
 */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

export type Line = { readonly endpointId: string; readonly orderKey: string };

/** First half of the lock's key, the second is made of the endpoint's id; the bytes of "line". */
const LINE_LOCKS = 0x6c696e65;

/**
 * Until the transaction ends nobody else adds to lines of these endpoints or ends what is in them: else one that is added behind the last would wait for it
 * just when that ends. @returns the lines that these are of
 */
export async function holdLines(tx: Database, deliveries: readonly { endpointId: string; orderKey: string | null }[]): Promise<Line[]> {
  const lines = new Map<string, Line>();
  for (const { endpointId, orderKey } of deliveries)
    if (orderKey !== null) lines.set(`${endpointId} ${orderKey}`, { endpointId, orderKey });
  if (lines.size === 0) return [];
  const ids = new Set([...lines.values()].map(({ endpointId }) => endpointId));
  // By everybody in the same order: two that hold several must not wait for each other.
  await run(
    tx,
    sql`select pg_advisory_xact_lock(${LINE_LOCKS}, key) from (select distinct hashtext(id) as key from unnest(${[...ids]}::text[]) as e(id) order by 1) keys`,
  );
  return [...lines.values()];
}

/** Harmless when it is due already. */
export async function letFirstGo(db: Database, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  await run(
    db,
    sql`update webhook_deliveries d set next_at = d.created_at
          from unnest(${lines.map(({ endpointId }) => endpointId)}::uuid[], ${lines.map(({ orderKey }) => orderKey)}::text[]) as line(endpoint_id, order_key)
         where d.next_at = 'infinity' and d.id = (
           select f.id from webhook_deliveries f where f.endpoint_id = line.endpoint_id and f.order_key = line.order_key and f.state = 'pending' order by f.seq limit 1)`,
  );
}

/** Of all lines: after many were given up, and what a process of a release without lines left behind. */
export async function letAllFirstGo(db: Database): Promise<void> {
  await run(
    db,
    sql`update webhook_deliveries set next_at = created_at
         where next_at = 'infinity' and id in (
           select distinct on (endpoint_id, order_key) id from webhook_deliveries where state = 'pending' and order_key is not null order by endpoint_id, order_key, seq)`,
  );
}
