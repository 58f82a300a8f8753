/**
 * Due jobs that nobody announced: retries, those of a later time and of dead processes. One worker of the process looks each second, and as long as one
 * finds some the next looks at once. Left to the engine each of its twenty looks for itself: 24 statements a second of an idle platform, of 35 in all.
 */
import type { EventEmitter } from 'node:events';
import type { WorkerPool } from 'graphile-worker';

const EVERY_MS = 1_000;
/** How often each worker looks by itself, which nothing relies on. */
export const OWN_LOOK_MS = 60_000;

/** @param events of the engine, before it runs. @returns how to stop; to be called before its workers end */
export function lookForDue(events: EventEmitter): () => void {
  let pool: Pick<WorkerPool, 'nudge'> | undefined;
  let isFinding = false;
  const look = () => {
    isFinding = true;
    pool?.nudge(1);
  };
  events.once('pool:create', (created: { workerPool: WorkerPool }) => {
    pool = created.workerPool;
  });
  events.on('job:start', () => {
    if (isFinding) look();
  });
  events.on('worker:getJob:empty', () => {
    isFinding = false;
  });
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    pool = undefined;
  };
}
