/** Attempts one delivery at once, whatever its endpoint is like: what `sender.ts` does for many. */
import type { World } from '../base/world.ts';
import { type AttemptNeeds, attempt } from './attempt.ts';
import { claimOne, giveBack } from './claim.ts';
import { makeReady } from './ready.ts';
import { settle } from './settle.ts';

export type DeliverNeeds = AttemptNeeds & Pick<World, 'db' | 'bus' | 'keyring' | 'log'>;

/** Does nothing when the delivery is done, held by somebody, or not due. Throws only when the outcome could not be stored, or `signal` aborted. */
export async function deliver(world: DeliverNeeds, deliveryId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimOne(world, deliveryId);
  if (!claimed) return;
  try {
    for (const { delivery, keys } of await makeReady(world, [claimed]))
      await settle(world, [await attempt(world, delivery, { keys, signal })]);
  } catch (error) {
    await giveBack(world, [claimed.id]);
    throw error;
  }
}
