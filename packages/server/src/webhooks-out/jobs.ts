/** What the worker runs: the listener that makes deliveries of events, and the handler of the `deliver` job. */
import type { World } from '../base/world.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Handler } from '../queue/task.ts';
import { deliver } from './deliver.ts';
import { DELIVER_PRIORITY, fanOutWebhooks } from './fan-out.ts';

/** Deliveries at once in a process. A receiver that hangs holds each for 20 s, and the same workers run the syncs. */
const AT_ONCE_MAX = 8;
const POSTPONE_MS = 1_000;

export const fanOut = fanOutWebhooks;

type Needs = Parameters<typeof deliver>[0] & Pick<World, 'db'>;

export function deliverJob(world: Needs): Handler<'deliver'> {
  let atOnce = 0;
  return async ({ deliveryId }, { signal }) => {
    if (atOnce >= AT_ONCE_MAX) {
      const runAt = new Date(Date.now() + POSTPONE_MS);
      return enqueue(world.db, { task: 'deliver', payload: { deliveryId }, runAt, priority: DELIVER_PRIORITY });
    }
    atOnce++;
    try {
      await deliver(world, deliveryId, signal);
    } finally {
      atOnce--;
    }
  };
}
