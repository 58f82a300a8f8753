/** What the store does by itself, some at a time, as long as there is something to do. */
import type { Logger } from 'pino';
import { keepTurning } from '../base/turns.ts';
import type { RecordWorld } from './key.ts';
import { type Retaining, retainSome } from './retention.ts';
import { sealSome } from './seal-stored.ts';

/** Leaves the database to others for as long as a batch takes. */
const TURN_MS = 50;
const REST_MS = 60_000;

/** @returns how to stop */
export function keepRecords(world: RecordWorld & Retaining & { readonly log: Logger }): () => Promise<void> {
  return keepTurning({
    log: world.log,
    trouble: 'stored records could not be looked after; trying again',
    turn: async () => (await Promise.all([sealSome(world), retainSome(world)])).includes(true),
    turnMs: TURN_MS,
    restMs: REST_MS,
  });
}
