/** Makes what was claimed ready to be sent: finds the keys that sign it, and opens what is sealed of it. */
import type { World } from '../base/world.ts';
import type { Claimed } from './claim.ts';
import type { Delivery } from './delivery.ts';
import { openForwarded } from './forwarded.ts';
import { keysOf } from './keys.ts';

/** `keys`: as `keysOf` has them; undefined, too, where the body cannot be opened now. */
export type Ready = { readonly delivery: Delivery; readonly keys: readonly string[] | undefined };

export async function makeReady(world: Pick<World, 'db' | 'keyring' | 'clock' | 'log'>, claimed: readonly Claimed[]): Promise<Ready[]> {
  const keys = await keysOf(world, claimed);
  return Promise.all(
    claimed.map(async (one) => {
      const content = await contentOf(world, one);
      const { forwardId, sealed, secretSealed, previousSecretSealed, ...rest } = one;
      const delivery = { ...rest, ...(content ?? { body: '', headers: null }) };
      return { delivery, keys: content && keys.get(one.endpointId) };
    }),
  );
}

async function contentOf(
  world: Pick<World, 'keyring' | 'log'>,
  { id, environmentId, body, headers, forwardId, sealed }: Claimed,
): Promise<Pick<Delivery, 'body' | 'headers'> | undefined> {
  if (body !== null) return { body, headers };
  if (forwardId === null || sealed === null) return undefined;
  try {
    return await openForwarded(world, { environmentId, id: forwardId }, sealed);
  } catch (error) {
    world.log.warn({ err: error, delivery: id }, 'the body of a webhook cannot be opened');
    return undefined;
  }
}
