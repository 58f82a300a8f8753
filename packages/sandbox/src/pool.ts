/**
 * Sandboxes: running untrusted JavaScript in Deno processes that have no permission at all and reach the world only through `onCall`.
 * A process serves one owner (and one text of code) for its whole life. After a run it makes sure that nothing is left of it and waits a while for the next of
 * its owner: in a realm, a thread in it, that is fresh; or, where runs come so often that the proof is worth its price, in the one that proved to be as it was
 * found. Anything misbehaving is killed, and the worst a function can do to this process is to cost it a child.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunError } from '@bowline/api/sandbox-message';
import type { Logger } from 'pino';
import { Demand } from './demand.ts';
import { denoArguments, findDeno } from './deno.ts';
import type { SandboxOutcome } from './ending.ts';
import { Idle, surplusMs } from './idle.ts';
import { Line } from './line.ts';
import { createParcels, type Parcel } from './parcel.ts';
import { outOfMemoryEnding, SandboxProcess, type Spawning } from './process.ts';
import { cleaned, started } from './ready.ts';
import { Recent } from './recent.ts';
import { runInProcess, type SandboxJob } from './run.ts';

export type { SandboxOutcome } from './ending.ts';
export type { SandboxAnswer, SandboxCall, SandboxJob, SandboxLine } from './run.ts';

export type SandboxOptions = {
  log: Logger;
  /** The built runner (`packages/runner/dist/runner.js`); the realm lies beside it. */
  runnerPath: string;
  /** Blank processes kept ready; each costs 60 MB. Default 2. */
  warm?: number;
  /** How long a process waits for another run. Default 30 s; 0 never reuses. */
  idleMs?: number;
  /**
   * A realm can be kept if it took its picture before its first run: 300 ms of a processor, where a fresh one costs 20. So it does when its owner was served
   * this many times, each so soon after the last that its process would wait still. Not for a sync that runs once an hour. Default 4; 0: always.
   */
  pictureFrom?: number;
  /** Waiting processes at most; more are kept for a second. Default 8. */
  idleMax?: number;
  /** Runs at once at most; more wait their turn. Default 32. */
  runsMax?: number;
  /** Resident memory at which a process is killed. Default 512. */
  memoryMb?: number;
  /** JavaScript heap of a function. Default 256. */
  heapMb?: number;
  /** How long a cancelled function may take to notice. Default 2 s. */
  graceMs?: number;
  /** A process may run one text of code after the other: for functions of one author, on that author's machine. Default false. */
  mixed?: boolean;
  /** Default: the one installed with the platform package. */
  denoPath?: string;
};

export type Sandboxes = {
  /** Never rejects: whatever happens is an outcome. */
  run(job: SandboxJob): Promise<SandboxOutcome>;
  /** Kills every process; runs under way end as script_aborted. */
  close(): Promise<void>;
  stats(): {
    processes: number;
    starting: number;
    blank: number;
    idle: number;
    cleaning: number;
    running: number;
    waiting: number;
    spawned: number;
    reused: number;
  };
};

const defaults = {
  warm: 2,
  idleMs: 30_000,
  pictureFrom: 4,
  idleMax: 8,
  runsMax: 32,
  memoryMb: 512,
  heapMb: 256,
  graceMs: 2000,
  mixed: false,
};
const watchEveryMs = 100;
/** Of those that wait each fifth look is enough: it is two files of /proc, which take 60 to 100 µs each on a busy machine. */
const looksOfIdle = 5;
/** A new process costs 150 ms of a processor: a burst of callers gets them two at a time. */
const spawningMax = 2;
/** Who waits asks again so often. */
const askEveryMs = 50;
/** The place of a blank process that was taken is filled when its first run had time to finish. */
const refillAfterMs = 100;
const failuresMax = 3;
/** Of what the next function may use, a process that is kept takes no more than this share away. */
const residentShare = 1 / 4;

export function createSandboxes(options: SandboxOptions): Sandboxes {
  return new Pool(options);
}

/** `key`: whose turns it takes among those of its owner. */
type Place = { readonly owner: string; readonly key: string };
type Waiter = Place & { readonly since: number; readonly settle: (found: SandboxProcess | RunError | undefined) => void };
class Pool implements Sandboxes {
  private readonly options: Required<Omit<SandboxOptions, 'denoPath'>>;
  private readonly spawning: Spawning;
  private readonly realm: Buffer;
  private readonly parcelOf: (code: string) => Parcel;
  private readonly scratch: string;
  private readonly line = new Line<Waiter>();
  private readonly processes = new Set<SandboxProcess>();
  private readonly blank: SandboxProcess[] = [];
  private readonly idle: Idle;
  private readonly prepared = new WeakSet<SandboxProcess>();
  private readonly recent: Recent;
  private readonly demand: Demand;
  private readonly watch: NodeJS.Timeout;
  private readonly counts = { running: 0, cleaning: 0, spawned: 0, reused: 0 };
  private starting = 0;
  private looks = 0;
  private failures = 0;
  private refilling: NodeJS.Timeout | undefined;
  private closed = false;

  constructor({ denoPath, ...given }: SandboxOptions) {
    this.options = { ...defaults, ...given };
    this.parcelOf = createParcels(this.options.runnerPath);
    this.realm = readFileSync(join(dirname(this.options.runnerPath), 'realm.js'));
    this.recent = new Recent({ ...this.options, surplusMs });
    this.demand = new Demand({ line: this.line, recent: this.recent });
    this.idle = new Idle({ ...this.options, end: (process) => void this.end(process) });
    this.scratch = mkdtempSync(join(tmpdir(), 'bowline-sandbox-'));
    const cwd = join(this.scratch, 'empty');
    const cache = join(this.scratch, 'cache');
    mkdirSync(cwd);
    mkdirSync(cache);
    const env = { DENO_DIR: cache, HOME: cache, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
    const args = denoArguments(this.options.runnerPath, this.options.heapMb);
    this.spawning = { deno: denoPath ?? findDeno(this.scratch), args, cwd, env };
    this.watch = setInterval(() => this.checkProcesses(), watchEveryMs);
    this.watch.unref();
    this.refill(this.options.warm);
  }

  async run(job: SandboxJob): Promise<SandboxOutcome> {
    const parcel = this.parcelOf(job.code);
    const place = placeOf(job, this.options.mixed ? '' : parcel.hash);
    const found = await this.acquire(place, job.signal);
    if (found === undefined) return cancelled;
    if (!(found instanceof SandboxProcess)) return { ok: false, error: found };
    const began = performance.now();
    const outcome = await runInProcess(found, job, { ...this.options, parcel });
    if (found.lastWords !== '') this.options.log.debug({ stderr: found.lastWords }, 'a sandbox wrote to stderr');
    this.counts.running -= 1;
    void this.keep(place.owner, found, began);
    this.dispatch();
    return outcome;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    clearTimeout(this.refilling);
    this.idle.stop();
    for (const waiter of this.line.all()) if (this.line.take(waiter)) waiter.settle(undefined);
    await Promise.all([...this.processes].map((process) => this.end(process)));
    rmSync(this.scratch, { recursive: true, force: true });
  }

  stats() {
    return {
      processes: this.processes.size,
      starting: this.starting,
      blank: this.blank.length,
      idle: this.idle.size,
      waiting: this.line.size,
      ...this.counts,
    };
  }

  /** A process that may run this now, and counts as running; undefined when the caller was cancelled. */
  private acquire(place: Place, signal: AbortSignal): Promise<SandboxProcess | RunError | undefined> {
    if (this.closed || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = () => {
        if (this.line.take(waiter)) waiter.settle(undefined);
      };
      const patience = setInterval(() => this.dispatch(), askEveryMs);
      const waiter: Waiter = {
        ...place,
        since: performance.now(),
        settle: (found) => {
          clearInterval(patience);
          signal.removeEventListener('abort', leave);
          resolve(found);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.line.add(waiter);
      this.dispatch();
    });
  }

  /** Gives processes to those who wait, one of each key in turn, until there is no more to give; then starts what is missing. */
  private dispatch(): void {
    for (let given = true; given && !this.closed; ) {
      given = false;
      for (const waiter of this.line.heads()) {
        if (this.counts.running >= this.options.runsMax) return;
        const kept = this.idle.take(waiter.owner);
        if (kept !== undefined) this.counts.reused += 1;
        const process = kept ?? (this.demand.mayTakeBlank(waiter) ? this.takeBlank() : undefined);
        if (process === undefined || !this.line.take(waiter)) continue;
        given = true;
        this.counts.running += 1;
        this.demand.count(waiter.owner, 1);
        waiter.settle(process);
      }
    }
    this.refill(this.demand.missing());
  }

  private prepare(process: SandboxProcess): void {
    if (this.prepared.has(process)) return;
    this.prepared.add(process);
    void process.send({ type: 'prepare' });
  }

  private takeBlank(): SandboxProcess | undefined {
    const process = this.blank.shift();
    this.refilling ??= setTimeout(() => {
      this.refilling = undefined;
      this.refill(this.options.warm);
    }, refillAfterMs).unref();
    return process === undefined || process.alive ? process : this.takeBlank();
  }

  /** The run is over: the process proves that nothing is left of it, then waits for the next of its owner. */
  private async keep(owner: string, process: SandboxProcess, began: number): Promise<void> {
    this.counts.cleaning += 1;
    const isReady = this.keeps && process.alive && (await cleaned(process, { mustBeFresh: !this.prepared.has(process) }));
    this.counts.cleaning -= 1;
    this.demand.count(owner, -1);
    this.recent.note(owner, performance.now() - began);
    if (!isReady || !this.keeps || process.lastBytes > this.memoryBytes * residentShare) void this.end(process);
    else {
      if (this.recent.times(owner) >= this.options.pictureFrom) this.prepare(process);
      this.idle.park(owner, process);
    }
    this.dispatch();
  }

  private get keeps(): boolean {
    return !this.closed && this.options.idleMs > 0 && this.options.idleMax > 0;
  }

  private get memoryBytes(): number {
    return this.options.memoryMb * 1024 * 1024;
  }

  /** Starts processes until `wanted` are blank or on their way, never more than two at once. */
  private refill(wanted: number): void {
    while (!this.closed && this.starting < spawningMax && this.blank.length + this.starting < wanted) void this.spawn();
  }

  private async spawn(): Promise<void> {
    const began = performance.now();
    const process = new SandboxProcess(this.spawning);
    this.counts.spawned += 1;
    this.starting += 1;
    this.processes.add(process);
    void process.whenGone.then(() => this.forget(process));
    const ready = await started(process, this.realm);
    this.starting -= 1;
    if (this.closed) return;
    if (ready) {
      this.failures = 0;
      this.demand.made(performance.now() - began);
      if (this.options.pictureFrom === 0 && this.keeps) this.prepare(process);
      this.blank.push(process);
    } else {
      this.options.log.warn({ stderr: process.lastWords }, 'a sandbox did not become ready');
      process.kill({ type: 'function_runtime_other', message: 'The sandbox did not become ready.' });
      this.failures += 1;
      if (this.failures >= failuresMax) this.giveUp();
    }
    this.dispatch();
  }

  /** Nothing starts here: who waits for a new process is told, who comes later tries again. */
  private giveUp(): void {
    this.failures = 0;
    for (const waiter of this.line.all()) if (this.demand.mayTakeBlank(waiter) && this.line.take(waiter)) waiter.settle(unstartable);
  }

  private forget(process: SandboxProcess): void {
    this.processes.delete(process);
    this.unlist(process);
  }

  private unlist(process: SandboxProcess): void {
    const blank = this.blank.indexOf(process);
    if (blank >= 0) this.blank.splice(blank, 1);
    this.idle.remove(process);
  }

  private async end(process: SandboxProcess): Promise<void> {
    if (!this.processes.has(process)) return;
    this.unlist(process);
    process.kill({ type: 'script_aborted', message: 'The sandboxes are shutting down.' });
    await process.whenGone;
  }

  private checkProcesses(): void {
    this.looks += 1;
    const looksAtIdle = this.looks % looksOfIdle === 0;
    if (looksAtIdle) this.idle.check();
    for (const process of this.processes) {
      const isIdle = this.idle.has(process);
      if (isIdle && !looksAtIdle) continue;
      const bytes = process.residentBytes() ?? 0;
      if (bytes > this.memoryBytes) process.kill(outOfMemoryEnding);
      else if (isIdle && bytes > this.memoryBytes * residentShare) void this.end(process);
    }
  }
}

function placeOf({ owner, key = '' }: SandboxJob, code: string): Place {
  const whole = JSON.stringify([owner, code]);
  return { owner: whole, key: JSON.stringify([whole, key]) };
}

const cancelled: SandboxOutcome = { ok: false, error: { type: 'script_aborted', message: 'The run was cancelled.' } };
const unstartable: RunError = {
  type: 'function_runtime_other',
  message: 'No sandbox could be started. The server log says why.',
};

/** The run never began: it is the machine's fault, not the function's. */
export function neverBegan(error: RunError): boolean {
  return error === unstartable;
}
