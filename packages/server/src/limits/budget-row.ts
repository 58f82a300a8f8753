/** The row of a budget that all processes share: each exchange locks it for one short transaction, and what others must hear goes out with its commit. */
import { sql } from 'kysely';
import { many, one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { type Ask, type Budget, createBudget, type Exchanged, type Report } from './budget.ts';
import { exchange } from './budget-exchange.ts';
import { type BudgetName, type BudgetNews, type BudgetSpec, keyOf, type Share } from './budget-name.ts';

const CHANNEL = 'rate-budget';
/** More than hold at once anywhere; what lies beyond is heard of by its first exchange. */
const LOOKED_MAX = 10_000;

export function shareBudgets(world: Pick<World, 'db' | 'bus' | 'clock'>): Share {
  return {
    exchange: (spec, message) => transaction(world.db, (tx) => exchangeRow({ ...world, db: tx }, spec, message)),
    look: () => lookRestricted(world.db),
    follow: (listener) => world.bus.subscribe(CHANNEL, (payload) => listener(payload as BudgetNews)), // published below
  };
}

async function exchangeRow(
  { db, bus, clock }: Pick<World, 'db' | 'bus' | 'clock'>,
  spec: BudgetSpec,
  message: { report: Report; ask: Ask },
): Promise<Exchanged> {
  const before = (await lockRow(db, spec)) ?? (await insertRow(db, spec, clock.now()));
  const now = clock.now().getTime(); // after the lock: another process' exchange may have taken its time
  const exchanged = exchange(before, Math.max(now, before.at), message);
  const { hold, pace } = exchanged.budget;
  const news: BudgetNews = { key: keyOf(spec), heldUntil: hold.until, probing: hold.probing, paced: pace !== null };
  await run(
    db,
    sql`update rate_budgets
           set state = ${JSON.stringify(exchanged.budget)}::jsonb, changed_at = ${new Date(now)},
               restricted = ${hold.probing || pace !== null}, held_until = ${hold.probing ? new Date(hold.until) : null}
         where ${named(spec)}`,
  );
  if (exchanged.news) await bus.publish(CHANNEL, news, db);
  return exchanged;
}

const named = ({ environmentId, integrationId, connectionId, part }: BudgetName) =>
  sql`environment_id = ${environmentId} and integration_id = ${integrationId} and connection_id = ${connectionId ?? 0} and part = ${part}`;

async function lockRow(db: Database, spec: BudgetSpec): Promise<Budget | undefined> {
  const row = await one<{ state: Budget }>(db, sql`select state from rate_budgets where ${named(spec)} for update`);
  return row?.state;
}

async function insertRow(db: Database, spec: BudgetSpec, now: Date): Promise<Budget> {
  const made = createBudget(now.getTime(), spec.documented);
  await run(
    db,
    sql`insert into rate_budgets (environment_id, integration_id, connection_id, part, state, changed_at)
        values (${spec.environmentId}, ${spec.integrationId}, ${spec.connectionId ?? 0}, ${spec.part}, ${JSON.stringify(made)}::jsonb, ${now})
        on conflict do nothing`,
  );
  return (await lockRow(db, spec)) ?? made;
}

type Row = { environmentId: number; integrationId: number; connectionId: number; part: string; state: Budget };

async function lookRestricted(db: Database): Promise<BudgetNews[]> {
  const rows = await many<Row>(
    db,
    sql`select environment_id, integration_id, connection_id, part, state from rate_budgets where restricted limit ${LOOKED_MAX}`,
  );
  return rows.map(({ state, ...row }) => ({
    key: keyOf({ ...row, connectionId: row.connectionId === 0 ? null : row.connectionId }),
    heldUntil: state.hold.until,
    probing: state.hold.probing,
    paced: state.pace !== null,
  }));
}

export type StoredBudget = { connectionId: number | null; part: string; state: Budget; heldUntil: Date | null; changedAt: Date };

/** Budgets of an integration that were shared lately: those that hold first, then the newest. */
export async function listBudgets(
  { db }: Pick<World, 'db'>,
  { environmentId, integrationId }: Pick<BudgetName, 'environmentId' | 'integrationId'>,
  max: number,
): Promise<StoredBudget[]> {
  const rows = await many<StoredBudget & { connectionId: number }>(
    db,
    sql`select connection_id, part, state, held_until, changed_at from rate_budgets
         where environment_id = ${environmentId} and integration_id = ${integrationId}
         order by held_until desc nulls last, changed_at desc limit ${max}`,
  );
  return rows.map((row) => ({ ...row, connectionId: row.connectionId === 0 ? null : row.connectionId }));
}

export type HeldBudget = Pick<BudgetName, 'environmentId' | 'integrationId' | 'connectionId' | 'part'> & { readonly heldUntil: Date };

/** Those of all environments that nobody gets through until then. */
export async function heldBudgets(db: Database, until: Date, max: number): Promise<HeldBudget[]> {
  const rows = await many<HeldBudget & { connectionId: number }>(
    db,
    sql`select environment_id, integration_id, connection_id, part, held_until from rate_budgets where restricted and held_until > ${until}
         order by environment_id, integration_id, connection_id, part limit ${max}`,
  );
  return rows.map((row) => ({ ...row, connectionId: row.connectionId === 0 ? null : row.connectionId }));
}

/** Limits of all environments that nobody gets through now, for the provider refused. */
export async function countHeld(db: Database, now: Date): Promise<number> {
  const row = await one<{ held: number }>(db, sql`select count(*)::int as held from rate_budgets where restricted and held_until > ${now}`);
  return row?.held ?? 0;
}

/** A day without an exchange: whatever limit it was, it is learned anew. */
export async function sweepBudgets({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  await run(db, sql`delete from rate_budgets where changed_at < ${new Date(clock.now().getTime() - 86_400_000)}`);
}
