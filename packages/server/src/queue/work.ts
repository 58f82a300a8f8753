/**
 * Runs jobs: brings the engine's own schema up to date, joins the instances, takes jobs and hands them to their handlers.
 * At least once: a handler that throws, or whose process dies, is called again; what it did before must not do harm twice.
 */

import { EventEmitter } from 'node:events';
import { type Job as EngineJob, Logger as EngineLogger, type JobHelpers, run, runMigrations, type TaskList } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { World } from '../base/world.ts';
import { lookForDue, OWN_LOOK_MS } from './due.ts';
import { enqueue, type Job } from './enqueue.ts';
import { type Instance, joinInstances } from './instance.ts';
import { type Handlers, queueOf, type TaskName } from './task.ts';

export type WorkOptions = {
  /** Jobs at once in this process. Each needs a connection for a moment only; besides, two are held all the time. */
  readonly concurrency: number;
  /** The peers were told this process is dead: abort what it runs. */
  readonly onLost?: () => void;
  /** How long `stop` waits for jobs that were told to stop. Default 10 s; after that they are left to the peers. */
  readonly stopMs?: number;
  /** How long a process may live without a heartbeat until its jobs are taken over. Default 10 s. */
  readonly silentMs?: number;
};

export const STOP_MS = 10_000;
/** Our own workers, until they have ended, must not take a job again that was just handed back. */
const HAND_BACK_MS = 1_000;

/** The engine's tables; needed before anything can be enqueued. Safe to call from several processes at once. */
export async function migrateQueue({ pool, log }: { pool: Pool; log: Logger }): Promise<void> {
  await runMigrations({ pgPool: pool, logger: engineLogger(log) });
}

/** @returns how to stop: no new jobs, running ones are told by their signal, and what does not finish is run again by others. */
export async function startWorkers<T extends TaskName>(
  { pool, db, log }: Pick<World, 'db' | 'log'> & { readonly pool: Pool },
  handlers: Pick<Handlers, T>,
  { concurrency, onLost = () => {}, stopMs = STOP_MS, silentMs }: WorkOptions,
): Promise<() => Promise<void>> {
  await migrateQueue({ pool, log });
  let instance: Instance | undefined;
  const events = new EventEmitter();
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    const quiet = silentMs === undefined ? {} : { silentMs };
    instance = joinInstances({ pool, log, poolId: workerPool.id, tasks: Object.keys(handlers), concurrency, onLost, ...quiet });
  });
  const stopLooking = lookForDue(events);
  const stopping = new AbortController();
  const taskList: TaskList = {};
  for (const [task, handler] of Object.entries(handlers)) {
    taskList[task] = (payload, helpers) => work(task as TaskName, handler as AnyHandler, payload, helpers); // a table's own keys and values
  }

  async function work(task: TaskName, handler: AnyHandler, payload: unknown, { job }: JobHelpers): Promise<void> {
    const held = instance?.held()?.signal ?? AbortSignal.abort();
    const signal = AbortSignal.any([held, stopping.signal]);
    try {
      signal.throwIfAborted();
      await handler(payload, { attempt: job.attempts, signal });
    } catch (error) {
      // Stopped, not failed: run it again soon and without counting. After a lost lock the job is no longer ours to give.
      if (stopping.signal.aborted && !held.aborted) return enqueue(db, again(task, payload, job));
      throw error;
    }
  }

  const runner = await run({
    pgPool: pool,
    concurrency,
    taskList,
    parsedCronItems: [], // else it reads a file "crontab" of the current folder
    events,
    logger: engineLogger(log),
    pollInterval: OWN_LOOK_MS,
    noHandleSignals: true,
    forbiddenFlags: () => instance?.ready() ?? null, // asked before each job is taken: a gate, not flags
  });
  runner.promise.finally(stopLooking).catch((error: unknown) => log.error({ err: error }, 'the job engine ended'));
  await instance?.ready();
  return async () => {
    stopLooking();
    stopping.abort(new Error('This process is stopping'));
    const finished = await inTime(runner.stop(), stopMs);
    await instance?.close(finished);
  };
}

// Payloads are what `enqueue` checked when it stored them.
type AnyHandler = (payload: unknown, context: { attempt: number; signal: AbortSignal }) => Promise<void>;

function again(task: TaskName, payload: unknown, job: EngineJob): Job {
  const { key, priority, max_attempts } = job;
  const runAt = new Date(Date.now() + HAND_BACK_MS);
  const queue = queueOf(task, payload);
  return {
    task,
    payload,
    runAt,
    priority,
    maxAttempts: max_attempts,
    ...(key === null ? {} : { key }),
    ...(queue ? { queue } : {}),
  } as Job; // the parts of a stored job
}

/** @returns whether it ended in time */
export async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The engine reports every finished job as news; to us that is detail. */
function engineLogger(log: Logger): EngineLogger {
  return new EngineLogger(({ taskIdentifier, jobId }) => (level, message) => {
    const kind = level === 'error' ? 'error' : level === 'warning' ? 'warn' : 'debug';
    log[kind]({ task: taskIdentifier, job: jobId }, message);
  });
}
