/**
 * Threads that answer questions, each one at a time, made when they are wanted and ended when they are not: for work by the millisecond that would keep
 * everybody else of this process waiting. What a thread runs is a file of its own (`thread.ts`).
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Told } from './thread.ts';

export type Threads = {
  /** @throws what the thread threw, as an error of the same name, message and stack; Error when the thread ended, or this process stops */
  ask(question: unknown): Promise<unknown>;
  close(): Promise<void>;
};
export type ThreadsOptions = {
  readonly log: Logger;
  /** The built file; asked for when the first thread is made. */
  readonly path: () => string | Promise<string>;
  /** Handed to each thread as its `workerData`. */
  readonly data: unknown;
  readonly max: number;
  /** How long one stays that has nothing to do. Default: a minute. */
  readonly idleMs?: number;
};

const IDLE_MS = 60_000;
/** What a thread makes lives for a page. With Node's own size two threads took 50 MB more, and were no faster. */
const YOUNG_MB = 4;

type Asking = { readonly question: unknown; readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void };
/** `current`: absent while it has nothing to do. */
type Thread = { worker?: Worker; current: Asking | undefined; idle?: NodeJS.Timeout };

export function createThreads({ log, path, data, max, idleMs = IDLE_MS }: ThreadsOptions): Threads {
  const threads = new Set<Thread>();
  const line: Asking[] = [];
  let isClosed = false;

  function next(): void {
    if (line.length === 0) return;
    const free = [...threads].find(({ current }) => current === undefined);
    const thread = free ?? (threads.size < max ? start() : undefined);
    if (!thread) return;
    clearTimeout(thread.idle);
    thread.current = line.shift();
    thread.worker?.postMessage(thread.current?.question);
  }

  function start(): Thread {
    const thread: Thread = { current: undefined };
    threads.add(thread);
    void open(thread).catch((error: unknown) => end(thread, error));
    return thread;
  }

  async function open(thread: Thread): Promise<void> {
    const worker = new Worker(await path(), { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    worker.unref();
    worker.on('message', (told: Told) => settle(thread, told));
    worker.on('error', (error) => end(thread, error));
    worker.on('exit', (code) => end(thread, new Error(`A thread of this process ended (${code})`)));
    thread.worker = worker;
    if (thread.current) worker.postMessage(thread.current.question);
    if (isClosed) await worker.terminate();
  }

  function settle(thread: Thread, told: Told): void {
    const { current } = thread;
    thread.current = undefined;
    thread.idle = setTimeout(() => retire(thread), idleMs).unref();
    if (told.failure) current?.reject(Object.assign(new Error(told.failure.message), told.failure));
    else current?.resolve(told.answer);
    next();
  }

  /** Nobody finds it any more before it ends. */
  function retire(thread: Thread): void {
    threads.delete(thread);
    void thread.worker?.terminate();
  }

  /** Once: of what ends it only the first thing is told. */
  function end(thread: Thread, why: unknown): void {
    if (!threads.delete(thread)) return;
    clearTimeout(thread.idle);
    void thread.worker?.terminate();
    if (thread.current) log.error({ err: why }, 'a thread of this process ended while it was asked something');
    thread.current?.reject(why instanceof Error ? why : new Error(String(why)));
    next();
  }

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('This process is stopping'));
        line.push({ question, resolve, reject });
        next();
      }),
    async close() {
      isClosed = true;
      for (const { reject } of line.splice(0)) reject(new Error('This process is stopping'));
      await Promise.all([...threads].map(({ worker }) => worker?.terminate()));
    },
  };
}
