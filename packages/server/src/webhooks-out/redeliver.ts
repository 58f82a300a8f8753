/** Sends deliveries that are over once more: same body, same id, a schedule of their own. */
import { problem } from '@bowline/api/problem';
import type { DeliveryFilter } from '@bowline/api/webhook-deliveries';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { fitting, placeOf } from './deliveries.ts';
import { nextState, SEND_CHANNEL } from './delivery.ts';
import { holdLines, type Line, letFirstGo } from './line.ts';

type Needs = Pick<World, 'db' | 'clock' | 'random' | 'bus'>;

/** Of one call: a transaction must not take long, and who waits for it sees how far it is. */
const MANY = 10_000;
const BATCH = 1_000;

/** @throws Problem `not_found` when there is none, or it is under way */
export async function redeliver(world: Needs, scope: Scope, deliveryId: string): Promise<void> {
  const count = await again(world, scope, [deliveryId]);
  if (count === 0) throw problem('not_found', { message: 'There is no finished delivery of this id' });
}

/** The oldest first. @returns how many, and behind which to go on when there may be more. @throws invalid_cursor */
export async function redeliverMany(
  world: Needs,
  scope: Scope,
  { ids, cursor, ...filter }: DeliveryFilter & { ids?: readonly string[] | undefined; cursor?: string | undefined },
): Promise<{ count: number; nextCursor: string | null }> {
  const place = placeOf(cursor);
  const chosen = await many<{ id: string; seq: number }>(
    world.db,
    sql`select d.id, d.seq from webhook_deliveries d where ${fitting(scope, filter)} and d.state = any(${transition(nextState, 'redeliver').from}::text[])
           ${ids === undefined ? sql`` : sql`and d.id = any(${[...ids]}::uuid[])`} ${place === undefined ? sql`` : sql`and d.seq > ${place}::bigint`} order by d.seq limit ${MANY}`,
  );
  let count = 0;
  for (let at = 0; at < chosen.length; at += BATCH)
    count += await again(
      world,
      scope,
      chosen.slice(at, at + BATCH).map(({ id }) => id),
    );
  return { count, nextCursor: chosen.length === MANY ? String(chosen.at(-1)?.seq) : null };
}

function again(world: Needs, { environment }: Scope, ids: readonly string[]): Promise<number> {
  const { from, to } = transition(nextState, 'redeliver');
  const uuids = ids.filter((id) => /^[0-9a-f-]{36}$/i.test(id));
  const operations = ids.map(() => newOperationId(world));
  return transaction(world.db, async (tx) => {
    const lines = await holdLines(
      tx,
      await many(
        tx,
        sql<Line>`select distinct endpoint_id, order_key from webhook_deliveries
             where id = any(${uuids}::uuid[]) and environment_id = ${environment.id} and order_key is not null`,
      ),
    );
    const changed = await run(
      tx,
      sql`update webhook_deliveries d set state = ${to}, attempts = 0, finished_at = null, held_by = null,
                 next_at = case when order_key is null then ${world.clock.now()}::timestamptz else 'infinity' end, operation_id = again.operation
            from unnest(${[...ids]}::text[], ${operations}::text[]) as again(id, operation)
           where d.id::text = again.id and d.id = any(${uuids}::uuid[])
             and d.environment_id = ${environment.id} and d.state = any(${from}::text[])`,
    );
    await letFirstGo(tx, lines);
    if (changed > 0) await world.bus.publish(SEND_CHANNEL, {}, tx);
    return changed;
  });
}
