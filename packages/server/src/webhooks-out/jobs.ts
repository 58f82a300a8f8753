/** What the worker runs: the listener that makes deliveries of events, what sends them, and what forgets old ones. */
import type { Handler } from '../queue/task.ts';
import { type DeliverNeeds, deliver } from './deliver.ts';
import { fanOutWebhooks } from './fan-out.ts';

export { removeEndpointsOf, sweepDeliveries } from './retention.ts';
export { startSender } from './sender.ts';

export const fanOut = fanOutWebhooks;

/** A job of a version that had one for each attempt. What it asks for is mostly sent by then. */
export function deliverJob(world: DeliverNeeds): Handler<'deliver'> {
  return ({ deliveryId }, { signal }) => deliver(world, deliveryId, signal);
}
