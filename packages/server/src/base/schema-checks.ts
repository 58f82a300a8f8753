/**
 * Values held to schemas, in a thread of its own: a schema is a stranger's, and a pattern or a few `anyOf` are enough to take for ever.
 * One question at a time; a thread that takes longer than its deadline is ended, and that schema is not tried again for a while.
 * Holding 1,000 records of 1 KB to a schema takes 6 ms (decisions/034).
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Flaw, Usage } from '@bowline/compile/validate';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';

/** A mistake of one kind: where it is first, and how often. */
export type Fault = Flaw & { index: number; count: number };
/** `wrong`: the places of the values that do not fit. `unusable`: why nothing can be said, in a sentence. */
export type Verdict = { readonly faults: Fault[]; readonly wrong: number[] } | { readonly unusable: string };
type Asked = {
  /** Names the definitions: the same text has the same key. */
  readonly key: string;
  /** JSON text of the definitions. */
  readonly definitions: string;
  readonly name: string;
  readonly usage: Usage;
};
/** The value as JSON text, or one a line. */
export type Question = Asked & ({ readonly json: string; readonly lines?: never } | { readonly lines: Uint8Array; readonly json?: never });
export type SchemaChecks = {
  /** Nothing is wrong with what is not declared. Never rejects. */
  check(question: Question): Promise<Verdict>;
  close(): Promise<void>;
};
export type SchemaCheckOptions = {
  readonly log: Logger;
  readonly clock: { now(): Date };
  /** The built worker; asked for when the first value is to be checked. */
  readonly workerPath: () => string | Promise<string>;
  /** For one question. Default 10 s: a chunk of 100 MB takes less. */
  readonly deadlineMs?: number;
  /** Default 256. */
  readonly heapMb?: number;
};

const DEADLINE_MS = 10_000;
/** How long a schema that took too long is not tried again. */
const SHUNNED_MS = 10 * 60_000;
const SHUNNED_MAX = 1_000;
const HEAP_MB = 256;

type Waiting = { readonly question: Question; readonly settle: (verdict: Verdict) => void };

export function createSchemaChecks(options: SchemaCheckOptions): SchemaChecks {
  return new Checks(options);
}

class Checks implements SchemaChecks {
  private readonly options: SchemaCheckOptions;
  private readonly shunned: LRUCache<string, string>;
  private readonly line: Waiting[] = [];
  private worker: Promise<Worker> | undefined;
  private live: Worker | undefined;
  private current: Waiting | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(options: SchemaCheckOptions) {
    this.options = options;
    const perf = { now: () => options.clock.now().getTime() };
    this.shunned = new LRUCache({ max: SHUNNED_MAX, ttl: SHUNNED_MS, ttlResolution: 0, perf });
  }

  check(question: Question): Promise<Verdict> {
    const shunned = this.shunned.get(nameOf(question));
    if (shunned !== undefined) return Promise.resolve({ unusable: shunned });
    return new Promise((settle) => {
      this.line.push({ question, settle });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.deadline);
    for (const { settle } of [...(this.current ? [this.current] : []), ...this.line.splice(0)]) settle(stopping);
    this.current = undefined;
    const worker = await this.worker?.catch(() => undefined);
    await worker?.terminate();
  }

  private next(): void {
    if (this.current) return;
    const waiting = this.line.shift();
    if (waiting && this.closed) waiting.settle(stopping);
    if (!waiting || this.closed) return;
    this.current = waiting;
    void this.ask(waiting);
  }

  private async ask(waiting: Waiting): Promise<void> {
    try {
      this.worker ??= this.start();
      const worker = await this.worker;
      if (this.current !== waiting) return;
      this.deadline = setTimeout(() => this.giveUp('takes too long'), this.options.deadlineMs ?? DEADLINE_MS);
      worker.postMessage(waiting.question);
    } catch (error) {
      this.worker = undefined;
      this.options.log.error({ err: error }, 'the thread that holds values to schemas could not be started');
      this.settle({ unusable: 'The platform could not check it; its server log says why' });
    }
  }

  private async start(): Promise<Worker> {
    const resourceLimits = { maxOldGenerationSizeMb: this.options.heapMb ?? HEAP_MB };
    const worker = new Worker(await this.options.workerPath(), { env: {}, resourceLimits });
    worker.unref();
    // Its deadlines count from when it has loaded what it needs.
    await once(worker, 'message');
    this.live = worker;
    worker.on('message', (verdict: Verdict) => this.settle(verdict));
    // Out of memory, above all.
    worker.on('error', (error) => {
      if (this.live !== worker) return;
      this.options.log.warn({ err: error }, 'the thread that holds values to schemas ended');
      this.giveUp('takes too much memory');
    });
    return worker;
  }

  private giveUp(why: string): void {
    void this.live?.removeAllListeners('message').terminate();
    this.live = undefined;
    this.worker = undefined;
    if (!this.current) return;
    const { question } = this.current;
    const message = `Holding it to the schema of ${question.name} ${why}; the schema must be simpler: no nested repetitions in a pattern, fewer alternatives`;
    this.shunned.set(nameOf(question), message);
    this.settle({ unusable: message });
  }

  private settle(verdict: Verdict): void {
    clearTimeout(this.deadline);
    const settled = this.current;
    this.current = undefined;
    settled?.settle(verdict);
    this.next();
  }
}

/** Places in a list are one kind: `labels.3.name` is of `labels.*.name`. */
export const kindOfPath = (path: string) => path.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*');

const nameOf = ({ key, usage, name }: Question) => `${key} ${usage} ${name}`;
const stopping: Verdict = { unusable: 'The platform is stopping' };
