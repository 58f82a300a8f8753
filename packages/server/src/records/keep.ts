/** What the store does by itself, some at a time, as long as there is something to do. */
import type { Logger } from 'pino';
import type { RecordWorld } from './key.ts';
import { type Retaining, retainSome } from './retention.ts';
import { sealSome } from './seal-stored.ts';

/** Leaves the database to others for as long as a batch takes. */
const TURN_MS = 50;
const REST_MS = 60_000;

/** @returns how to stop */
export function keepRecords(world: RecordWorld & Retaining & { readonly log: Logger }): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let turning = Promise.resolve();
  const turn = async () => {
    const done = await Promise.all([sealSome(world), retainSome(world)]).catch((error: unknown) => {
      world.log.error({ err: error }, 'stored records could not be looked after; trying again');
      return [false];
    });
    if (!stopped) plan(done.includes(true) ? TURN_MS : REST_MS);
  };
  const plan = (ms: number) => {
    timer = setTimeout(() => {
      turning = turn();
    }, ms);
  };
  plan(TURN_MS);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await turning;
  };
}
