/**
 * Who may carry out a run: whoever started it last. Each start counts an attempt, which takes the run from the process that had it before.
 * Every write of a run holds its row while it lasts, so a take-over waits for what is being written, and after it nothing is written any more.
 */
import { type RawBuilder, sql } from 'kysely';
import { one, prepared, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { RunContext, RunWorld } from './context.ts';
import type { Lease } from './run.ts';

/** The run is over, or another process carries it out: this one must end, and nothing it does may be kept. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** Until the transaction ends no other process can take the run. @throws LeaseLostError */
export async function holdLease(tx: Database, { id, environmentId, attempt }: Lease): Promise<void> {
  const held = await one(
    tx,
    prepared(
      sql`select 1 from runs where environment_id = ${environmentId} and id = ${id} and attempts = ${attempt} and state = 'running' for share`,
    ),
  );
  if (!held) throw leaseLost({ id, attempt });
}

/** As a condition of a larger statement, which holds nothing. */
export const isHeld = (environmentId: RawBuilder<unknown>, id: RawBuilder<unknown>, attempt: RawBuilder<unknown>) =>
  sql<boolean>`exists (select from runs where environment_id = ${environmentId} and id = ${id} and attempts = ${attempt} and state = 'running')`;

export function leaseLost({ id, attempt }: Pick<Lease, 'id' | 'attempt'>): LeaseLostError {
  return new LeaseLostError(
    `Run ${id} was cancelled, or taken over by another process: this one (attempt ${attempt}) ends without a trace`,
  );
}

/** Does what a run writes, all or nothing, with a World whose database is the transaction. A run that leaves no row can be taken by nobody. @throws LeaseLostError */
export function fenced<T>({ world, lease }: Pick<RunContext, 'world' | 'lease'>, work: (world: RunWorld) => Promise<T>): Promise<T> {
  if (!lease) return work(world);
  return transaction(world.db, async (db) => {
    await holdLease(db, lease);
    return work({ ...world, db });
  });
}
