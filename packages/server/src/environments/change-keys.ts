/**
 * Changes keys in one transaction, and tells every process to forget what it cached. When it returns this process has forgotten;
 * others do as soon as they hear of it.
 */
import { transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';

/** The bus channel that says "an API key changed". */
export const API_KEYS_CHANNEL = 'api_keys';

/** How long to wait for our own message; longer means the bus is down, and the cache's ten seconds take over. */
const HEARD_MS_MAX = 1_000;

export async function changeKeys<T>(world: Pick<World, 'db' | 'bus' | 'random'>, work: (tx: Database) => Promise<T>): Promise<T> {
  const change = world.random.uuid();
  const { heard, stop } = listen(world, change);
  try {
    const result = await transaction(world.db, async (tx) => {
      const done = await work(tx);
      await world.bus.publish(API_KEYS_CHANNEL, { change }, tx);
      return done;
    });
    await heard();
    return result;
  } finally {
    stop();
  }
}

/** Listeners are called in the order they subscribed, so when we hear the message the cache, which was there first, is empty. */
function listen({ bus }: Pick<World, 'bus'>, change: string) {
  let hear = () => {};
  const message = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const stop = bus.subscribe(API_KEYS_CHANNEL, (said) => {
    if (typeof said === 'object' && said !== null && 'change' in said && said.change === change) hear();
  });
  async function heard(): Promise<void> {
    const timer = setTimeout(hear, HEARD_MS_MAX);
    await message;
    clearTimeout(timer);
  }
  return { heard, stop };
}
