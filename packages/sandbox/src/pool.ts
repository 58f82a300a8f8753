/**
 * Sandboxes: running untrusted JavaScript in Deno processes that have no permission at all and reach the world only through `onCall`.
 * A process serves one key (and one text of code) for its whole life. If its key is likely to come again, it makes sure after a run that nothing is
 * left of it and waits a while; otherwise it ends. Anything misbehaving is killed, and the worst a function can do to this process is to cost it a child.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunError } from '@bowline/api/protocol';
import type { Logger } from 'pino';
import { denoArguments, findDeno } from './deno.ts';
import type { SandboxOutcome } from './ending.ts';
import { Idle, surplusMs } from './idle.ts';
import { createLibraries } from './libraries.ts';
import { Line } from './line.ts';
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
  /** How long a process waits for another run of its key. Default 30 s; 0 never reuses. */
  idleMs?: number;
  /**
   * A process can be kept if it took its picture before its first run: 300 ms of a processor, where making it took 140. So it does when its key was served
   * so lately that its process would wait still; and where that happens, also when it was blank for this long, which is when the machine has time. Not
   * for syncs that run once an hour. Default 500 ms; 0: before any run.
   */
  prepareAfterMs?: number;
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
  prepareAfterMs: 500,
  idleMax: 8,
  runsMax: 32,
  memoryMb: 512,
  heapMb: 256,
  graceMs: 2000,
  mixed: false,
};
const watchEveryMs = 100;
/** A new process costs 150 ms of a processor: a burst of callers gets them two at a time. */
const spawningMax = 2;
/** How long a caller waits for a process of its key to become free before it gets one more: as long as making the last one took, within these bounds. */
const patienceMs = { least: 50, most: 1000 };
/** The same while one of them cleans up: it is done, or dead, after 250 ms. */
const cleaningMs = 300;
/** The place of a blank process that was taken is filled when its first run had time to finish. */
const refillAfterMs = 100;
const failuresMax = 3;
/** Of how many runs, about, the share of keys that came again is told; and the share below which a picture costs more than making a process anew. */
const returningOver = 16;
const returningLeast = 0.1;

export function createSandboxes(options: SandboxOptions): Sandboxes {
  return new Pool(options);
}

type Waiter = { readonly key: string; readonly since: number; readonly settle: (found: SandboxProcess | RunError | undefined) => void };
class Pool implements Sandboxes {
  private readonly options: Required<Omit<SandboxOptions, 'denoPath'>>;
  private readonly spawning: Spawning;
  private readonly realm: Buffer;
  private readonly librariesOf: ReturnType<typeof createLibraries>;
  private readonly scratch: string;
  private readonly line = new Line<Waiter>();
  private readonly processes = new Set<SandboxProcess>();
  private readonly blank: SandboxProcess[] = [];
  private readonly idle: Idle;
  private readonly prepared = new WeakSet<SandboxProcess>();
  private readonly recent: Recent;
  private prepareNext = false;
  /** The share of the last runs whose key came again. None yet: most processes of a server that was just started serve nobody twice. */
  private returning = 0;
  /** Processes of a key that run or clean up after a run. */
  private readonly busy = new Map<string, number>();
  private readonly cleaning = new Map<string, number>();
  private readonly watch: NodeJS.Timeout;
  private readonly counts = { running: 0, spawned: 0, reused: 0 };
  private starting = 0;
  private spawnMs = patienceMs.least;
  private failures = 0;
  private refilling: NodeJS.Timeout | undefined;
  private closed = false;

  constructor({ denoPath, ...given }: SandboxOptions) {
    this.options = { ...defaults, ...given };
    this.librariesOf = createLibraries(this.options.runnerPath);
    this.realm = readFileSync(join(dirname(this.options.runnerPath), 'realm.js'));
    this.recent = new Recent({ ...this.options, surplusMs });
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
    const key = createHash('sha256')
      .update(job.key)
      .update('\0')
      .update(this.options.mixed ? '' : job.code)
      .digest('base64');
    const found = await this.acquire(key, job.signal);
    if (found === undefined) return cancelled;
    if (!(found instanceof SandboxProcess)) return { ok: false, error: found };
    const outcome = await runInProcess(found, job, { ...this.options, librariesOf: this.librariesOf });
    if (found.lastWords !== '') this.options.log.debug({ stderr: found.lastWords }, 'a sandbox wrote to stderr');
    this.counts.running -= 1;
    void this.keep(key, found);
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
    const cleaning = [...this.cleaning.values()].reduce((sum, one) => sum + one, 0);
    return {
      processes: this.processes.size,
      starting: this.starting,
      blank: this.blank.length,
      idle: this.idle.size,
      cleaning,
      waiting: this.line.size,
      ...this.counts,
    };
  }

  /** A process that may run this key now, and counts as running; undefined when the caller was cancelled. */
  private acquire(key: string, signal: AbortSignal): Promise<SandboxProcess | RunError | undefined> {
    if (this.closed || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = () => {
        if (this.line.take(waiter)) waiter.settle(undefined);
      };
      const patience = setInterval(() => this.dispatch(), patienceMs.least);
      const waiter: Waiter = {
        key,
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
        const kept = this.idle.take(waiter.key);
        if (kept !== undefined) this.counts.reused += 1;
        const again = this.comesAgain(waiter);
        const process = kept ?? (this.needsMore(waiter) ? this.takeBlank(again) : undefined);
        if (process === undefined || !this.line.take(waiter)) continue;
        given = true;
        this.returning += (Number(again) - this.returning) / returningOver;
        if (again && !this.prepared.has(process)) this.prepareNext = true; // to do it now would keep the caller waiting for 200 ms
        this.counts.running += 1;
        count(this.busy, waiter.key, 1);
        waiter.settle(process);
      }
    }
    this.refill(this.line.all().filter((waiter) => this.needsMore(waiter)).length);
  }

  /** As far as one can tell: somebody else of its key waits, is being served, or was a short while ago. */
  private comesAgain({ key }: Waiter): boolean {
    return this.recent.has(key) || this.busy.has(key) || this.line.count(key) > 1;
  }

  private prepare(process: SandboxProcess): void {
    if (this.prepared.has(process) || this.options.idleMs === 0 || this.options.idleMax === 0) return;
    this.prepared.add(process);
    void process.send({ type: 'prepare' });
  }

  /** While it is blank, and as soon as keys come again: where hardly one does, nobody would need it. */
  private prepareLater(process: SandboxProcess): void {
    const look = () => {
      if (!this.blank.includes(process) || this.prepared.has(process)) return;
      if (this.returning > returningLeast) this.prepare(process);
      else this.prepareLater(process);
    };
    setTimeout(look, this.options.prepareAfterMs).unref();
  }

  /** Who has processes of its own gets another only after waiting for one of them. */
  private needsMore(waiter: Waiter): boolean {
    if (!this.busy.has(waiter.key)) return true;
    return performance.now() - waiter.since >= Math.max(this.spawnMs, this.cleaning.has(waiter.key) ? cleaningMs : patienceMs.least);
  }

  /** Those that can be kept are for whoever comes again, as long as there are others. */
  private takeBlank(again: boolean): SandboxProcess | undefined {
    const fitting = this.blank.findIndex((one) => this.prepared.has(one) === again);
    const [process] = this.blank.splice(Math.max(fitting, 0), 1);
    this.refilling ??= setTimeout(() => {
      this.refilling = undefined;
      this.refill(this.options.warm);
    }, refillAfterMs).unref();
    return process === undefined || process.alive ? process : this.takeBlank(again);
  }

  /** The run is over: the process proves that nothing is left of it, then waits for its key. */
  private async keep(key: string, process: SandboxProcess): Promise<void> {
    const wanted = process.alive && !this.closed && this.prepared.has(process);
    this.recent.note(key);
    count(this.cleaning, key, 1);
    const clean = wanted && (await cleaned(process));
    count(this.cleaning, key, -1);
    count(this.busy, key, -1);
    if (clean && !this.closed) this.idle.park(key, process);
    else void this.end(process);
    this.dispatch();
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
      this.spawnMs = Math.min(performance.now() - began, patienceMs.most);
      if (this.prepareNext || this.options.prepareAfterMs === 0 || this.line.heads().some((one) => this.comesAgain(one)))
        this.prepare(process);
      this.prepareNext = false;
      this.blank.push(process);
      this.prepareLater(process);
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
    for (const waiter of this.line.all()) if (this.needsMore(waiter) && this.line.take(waiter)) waiter.settle(unstartable);
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
    this.idle.check();
    for (const process of this.processes) {
      const bytes = process.residentBytes();
      if (bytes !== undefined && bytes > this.options.memoryMb * 1024 * 1024) process.kill(outOfMemoryEnding);
    }
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
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
