/** Sends a delivery that is done, or was given up, once more: same body, same id, a schedule of its own. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { nextState, SEND_CHANNEL } from './delivery.ts';

/** @throws Problem `not_found` when there is none, or it is under way */
export async function redeliver(
  world: Pick<World, 'db' | 'clock' | 'random' | 'bus'>,
  { environment }: Scope,
  deliveryId: string,
): Promise<void> {
  const { from, to } = transition(nextState, 'redeliver');
  await transaction(world.db, async (tx) => {
    const changed = await run(
      tx,
      sql`update webhook_deliveries set state = ${to}, attempts = 0, next_at = ${world.clock.now()}::timestamptz, finished_at = null, held_by = null,
                 operation_id = ${newOperationId(world)}
        where id::text = ${deliveryId} and environment_id = ${environment.id} and state = any(${from}::text[])`,
    );
    if (changed === 0) throw problem('not_found', { message: 'There is no finished delivery of this id' });
    await world.bus.publish(SEND_CHANNEL, {}, tx);
  });
}
