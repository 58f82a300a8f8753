/** The schedule's clock: looks for due syncs twice a second, and at once when told that one came due or that a slot is free. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../base/world.ts';
import { claimDue } from './claim.ts';
import { DUE_CHANNEL, READY_CHANNEL } from './sync.ts';

const EVERY_MS = 500;
/** So much between two claims, each of which takes six statements; those claimed ahead begin meanwhile. Where one came alone there is none. */
const PAUSE_MS = 25;
/** Runs that end within so long are told together. */
const TELL_MS = 10;

/** @returns how to stop */
export function keepSchedule(world: Pick<World, 'db' | 'bus' | 'log' | 'config'>): () => Promise<void> {
  let stopped = false;
  let again = false;
  let turning: Promise<void> | undefined;
  const turn = () => {
    again = true;
    turning ??= drain().finally(() => {
      turning = undefined;
      if (again && !stopped) turn(); // told in the moment between the last look and this
    });
  };
  const drain = async () => {
    while (again && !stopped) {
      again = false;
      try {
        const { claimed, room } = await claimDue(world);
        if (claimed > 0) await world.bus.publish(READY_CHANNEL, {});
        // Not all of the room: limits were met, of connections among others, behind which more may be due.
        if (claimed > 0 && claimed < room) again = true;
        if (claimed > 1) await sleep(PAUSE_MS); // one alone may be followed by one that somebody waits for
      } catch (error) {
        world.log.error({ err: error }, 'due syncs could not be started; trying again');
      }
    }
  };
  const timer = setInterval(turn, EVERY_MS);
  const unsubscribe = world.bus.subscribe(DUE_CHANNEL, turn);
  turn();
  return async () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
    await turning;
  };
}

/** Tells whoever keeps the schedule that there is room, which may be another process. Lost, it is found by looking. */
export function tellRoom({ bus, log }: Pick<World, 'bus' | 'log'>): () => void {
  let telling = false;
  return () => {
    if (telling) return;
    telling = true;
    setTimeout(() => {
      telling = false;
      bus.publish(DUE_CHANNEL, {}).catch((error: unknown) => log.debug({ err: error }, 'nobody was told of free slots'));
    }, TELL_MS).unref();
  };
}
