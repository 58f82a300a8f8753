/**
 * Runs of a function on one connection that take turns: each begins when the one before it is over. A run that waits has no job; whoever ends a run
 * gives the next its own, in the same transaction.
 */
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

type Lane = { readonly environmentId: number; readonly functionId: number; readonly connectionId: number };

/** "turn", as a number: the first half of the keys of these locks. */
const LOCK = 0x7475726e;

/** Until the transaction ends nobody else looks whether a run of this lane is over. @returns whether one is not */
export async function holdLane(tx: Database, { environmentId, functionId, connectionId }: Lane): Promise<boolean> {
  await run(tx, sql`select pg_advisory_xact_lock(${LOCK}, hashint8extended(${functionId}::bigint, ${connectionId}::bigint)::bit(32)::int)`);
  const open = await one(
    tx,
    sql`select 1 from runs where environment_id = ${environmentId} and function_id = ${functionId} and connection_id = ${connectionId}
           and kind = 'webhook' and state in ('queued', 'running') limit 1`,
  );
  return open !== undefined;
}

/** In the transaction that ended a run. @returns the run whose turn it is now */
export async function nextInTurn(tx: Database, { environmentId, functionId, connectionId }: Lane): Promise<number | undefined> {
  await run(tx, sql`select pg_advisory_xact_lock(${LOCK}, hashint8extended(${functionId}::bigint, ${connectionId}::bigint)::bit(32)::int)`);
  const next = await one<{ id: number }>(
    tx,
    sql`update runs set waits_turn = false where id = (
          select id from runs where environment_id = ${environmentId} and function_id = ${functionId} and connection_id = ${connectionId}
             and kind = 'webhook' and state = 'queued' and waits_turn
             and not exists (select from runs busy where busy.environment_id = ${environmentId} and busy.function_id = ${functionId}
                              and busy.connection_id = ${connectionId} and busy.kind = 'webhook' and busy.state in ('queued', 'running') and not busy.waits_turn)
           order by id limit 1)
        returning id`,
  );
  return next?.id;
}
