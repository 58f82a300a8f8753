/**
 * Who spent the rate limit of a provider: requests by connection, kind and ten minutes. Counted in memory and added to the table every few seconds,
 * so a killed process loses the counts of these; nothing but charts is made of them.
 */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { World } from '../base/world.ts';

export const spendingKinds = ['proxy', 'action', 'sync'] as const;
export type SpendingKind = (typeof spendingKinds)[number];
type Spender = {
  readonly environmentId: number;
  readonly integrationId: number;
  readonly connectionId: number;
  readonly kind: SpendingKind;
};
type Counts = { requests: number; refused: number; waits: number; waitedMs: number };
type Count = Spender & { readonly startedAt: number } & Counts;

export const SLOT_MS = 10 * 60_000;
const FLUSH_MS = 5_000;
const KEPT_MS = 25 * 3600_000;

export type Spending = {
  note(spender: Spender, spent: { refused: boolean; waitedMs: number }): void;
  flush(): Promise<void>;
};

export function createSpending({ db, clock, log }: Pick<World, 'db' | 'clock' | 'log'>): Spending {
  let counts = new Map<string, Count>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = counts;
    counts = new Map();
    if (batch.size === 0) return;
    await add(db, [...batch.values()]).catch((error: unknown) => log.warn({ err: error }, 'who spent rate limits could not be noted'));
  }

  return {
    flush,
    note({ environmentId, integrationId, connectionId, kind }, { refused, waitedMs }) {
      const now = clock.now().getTime();
      const startedAt = now - (now % SLOT_MS);
      const key = `${integrationId}/${connectionId}/${kind}/${startedAt}`;
      let count = counts.get(key);
      if (!count) {
        count = { environmentId, integrationId, connectionId, kind, startedAt, requests: 0, refused: 0, waits: 0, waitedMs: 0 };
        counts.set(key, count);
        timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
      }
      count.requests += 1;
      if (refused) count.refused += 1;
      if (waitedMs > 0) {
        count.waits += 1;
        count.waitedMs += waitedMs;
      }
    },
  };
}

/** In the order of the key, so that processes that add at once do not wait for each other in a circle. */
async function add(db: World['db'], counts: readonly Count[]): Promise<void> {
  const rows = counts.map((count) => ({
    environment_id: count.environmentId,
    integration_id: count.integrationId,
    connection_id: count.connectionId,
    kind: count.kind,
    started_at: new Date(count.startedAt).toISOString(),
    requests: count.requests,
    refused: count.refused,
    waits: count.waits,
    waited_ms: Math.round(count.waitedMs),
  }));
  await run(
    db,
    sql`insert into rate_spending as s (environment_id, integration_id, connection_id, kind, started_at, requests, refused, waits, waited_ms)
        select environment_id, integration_id, connection_id, kind, started_at, requests, refused, waits, waited_ms
          from json_populate_recordset(null::rate_spending, ${JSON.stringify(rows)}::json)
         order by environment_id, integration_id, started_at, connection_id, kind
        on conflict (environment_id, integration_id, started_at, connection_id, kind) do update
           set requests = s.requests + excluded.requests, refused = s.refused + excluded.refused,
               waits = s.waits + excluded.waits, waited_ms = s.waited_ms + excluded.waited_ms`,
  );
}

export type Spent = Counts & { readonly connectionId: number; readonly kind: SpendingKind; readonly startedAt: Date };

/** What an integration spent since a moment. */
export async function spentSince(
  { db }: Pick<World, 'db'>,
  { environmentId, integrationId }: Pick<Spender, 'environmentId' | 'integrationId'>,
  since: Date,
): Promise<Spent[]> {
  return many<Spent>(
    db,
    sql`select connection_id, kind, started_at, requests, refused, waits, waited_ms::float8 as waited_ms from rate_spending
         where environment_id = ${environmentId} and integration_id = ${integrationId} and started_at >= ${since}
         order by started_at, connection_id, kind`,
  );
}

/** What all environments spent since a moment, by kind. */
export async function spentByKind(db: World['db'], since: Date): Promise<(Counts & { readonly kind: SpendingKind })[]> {
  return many<Counts & { kind: SpendingKind }>(
    db,
    sql`select kind, sum(requests)::float8 as requests, sum(refused)::float8 as refused, sum(waits)::float8 as waits, sum(waited_ms)::float8 as waited_ms
          from rate_spending where started_at >= ${since} group by kind`,
  );
}

export async function sweepSpending({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  await run(db, sql`delete from rate_spending where started_at < ${new Date(clock.now().getTime() - KEPT_MS)}`);
}
