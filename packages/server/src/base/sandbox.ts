/**
 * Sandboxes: running untrusted JavaScript in Deno processes that have no permission at all and reach the world only through `onCall`.
 * A process serves one key (and one text of code) for its whole life; after a run its realm is replaced and it waits a while for the same key.
 * Blank processes are kept ready; anything misbehaving is killed, and the worst a function can do to this process is to cost it a child.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { denoArguments, findDeno } from './deno.ts';
import { outOfMemoryEnding, SandboxProcess, type Spawning } from './sandbox-process.ts';
import { runInProcess, type SandboxJob, type SandboxOutcome } from './sandbox-run.ts';
import { Slots } from './slots.ts';

export type { SandboxAnswer, SandboxCall, SandboxJob, SandboxLine, SandboxOutcome } from './sandbox-run.ts';

export type SandboxOptions = {
  log: Logger;
  /** The built runner (`packages/runner/dist/runner.js`). */
  runnerPath: string;
  /** Blank processes kept ready; each costs 60 MB. Default 2. */
  warm?: number;
  /** How long a process waits for another run of its key. Default 30 s; 0 never reuses. */
  idleMs?: number;
  /** Waiting processes at most. Default 8. */
  idleMax?: number;
  /** Runs at once at most; more wait their turn. Default 32. */
  runsMax?: number;
  /** Resident memory at which a process is killed. Default 512. */
  memoryMb?: number;
  /** JavaScript heap of a function. Default 256. */
  heapMb?: number;
  /** How long a cancelled function may take to notice. Default 2 s. */
  graceMs?: number;
  /** Default: the one installed with the platform package. */
  denoPath?: string;
};

export type Sandboxes = {
  /** Never rejects: whatever happens is an outcome. */
  run(job: SandboxJob): Promise<SandboxOutcome>;
  /** Kills every process; runs under way end as script_aborted. */
  close(): Promise<void>;
  stats(): { processes: number; blank: number; idle: number; running: number; waiting: number; spawned: number; reused: number };
};

const watchEveryMs = 100;
const readyMs = 30_000;

export function createSandboxes(options: SandboxOptions): Sandboxes {
  return new Pool(options);
}

type Idle = { process: SandboxProcess; ready: Promise<boolean>; timer: NodeJS.Timeout; since: number };
type Ready = { process: SandboxProcess; ready: Promise<boolean> };

class Pool implements Sandboxes {
  private readonly options: Required<Omit<SandboxOptions, 'denoPath'>>;
  private readonly spawning: Spawning;
  private readonly scratch: string;
  private readonly slots: Slots;
  private readonly processes = new Set<SandboxProcess>();
  private readonly blank: Ready[] = [];
  private readonly idle = new Map<string, Idle[]>();
  private readonly watch: NodeJS.Timeout;
  private readonly counts = { running: 0, spawned: 0, reused: 0 };
  private closed = false;

  constructor({ denoPath, ...given }: SandboxOptions) {
    this.options = { warm: 2, idleMs: 30_000, idleMax: 8, runsMax: 32, memoryMb: 512, heapMb: 256, graceMs: 2000, ...given };
    this.slots = new Slots(this.options.runsMax);
    this.scratch = mkdtempSync(join(tmpdir(), 'bowline-sandbox-'));
    const cwd = join(this.scratch, 'empty');
    const cache = join(this.scratch, 'cache');
    mkdirSync(cwd);
    mkdirSync(cache);
    const env = { DENO_DIR: cache, HOME: cache, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
    const args = denoArguments(this.options.runnerPath, this.options.heapMb);
    this.spawning = { deno: denoPath ?? findDeno(this.scratch), args, cwd, env };
    this.watch = setInterval(() => this.checkMemory(), watchEveryMs);
    this.watch.unref();
    this.refill();
  }

  async run(job: SandboxJob): Promise<SandboxOutcome> {
    const free = await this.slots.take(job.signal);
    if (free === undefined) return cancelled;
    this.counts.running += 1;
    try {
      return await this.runNow(job);
    } finally {
      this.counts.running -= 1;
      free();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    for (const one of [...this.idle.values()].flat()) clearTimeout(one.timer);
    const gone = [...this.processes].map((process) => this.end(process));
    await Promise.all(gone);
    rmSync(this.scratch, { recursive: true, force: true });
  }

  stats() {
    const idle = [...this.idle.values()].flat().length;
    return { processes: this.processes.size, blank: this.blank.length, idle, waiting: this.slots.waiting, ...this.counts };
  }

  private async runNow(job: SandboxJob): Promise<SandboxOutcome> {
    const key = createHash('sha256').update(job.key).update('\0').update(job.code).digest('base64');
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.closed || job.signal.aborted) return cancelled;
      const { process, ready } = this.take(key);
      if (!(await ready)) {
        this.options.log.warn({ stderr: process.lastWords }, 'a sandbox did not become ready');
        process.kill({ type: 'function_runtime_other', message: 'The sandbox did not become ready.' });
        continue;
      }
      if (job.signal.aborted) {
        this.keep(key, process);
        return cancelled;
      }
      const outcome = await runInProcess(process, job, this.options);
      if (process.lastWords !== '') this.options.log.debug({ stderr: process.lastWords }, 'a sandbox wrote to stderr');
      this.keep(key, process);
      return outcome;
    }
    return { ok: false, error: { type: 'function_runtime_other', message: 'No sandbox could be started. The server log says why.' } };
  }

  /** The key's own waiting process, else a blank one; a process never changes its key. */
  private take(key: string): Ready {
    const waiting = this.idle.get(key)?.pop();
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      if (this.idle.get(key)?.length === 0) this.idle.delete(key);
      if (waiting.process.alive) {
        this.counts.reused += 1;
        return waiting;
      }
    }
    const blank = this.blank.shift() ?? this.spawn();
    this.refill();
    return blank;
  }

  private keep(key: string, process: SandboxProcess): void {
    if (!process.alive) return;
    if (this.closed || this.options.idleMs === 0 || this.options.idleMax === 0) return void this.end(process);
    const idle = [...this.idle.values()].flat();
    // Whoever ran last is likeliest to run next.
    if (idle.length >= this.options.idleMax) this.evict(idle);
    const nonce = randomUUID();
    const ready = untilReady(process, nonce);
    void process.send({ type: 'reset', nonce });
    const timer = setTimeout(() => void this.end(process), this.options.idleMs);
    timer.unref();
    this.idle.set(key, [...(this.idle.get(key) ?? []), { process, ready, timer, since: performance.now() }]);
  }

  private evict(idle: Idle[]): void {
    const oldest = idle.reduce((one, other) => (other.since < one.since ? other : one));
    clearTimeout(oldest.timer);
    void this.end(oldest.process);
  }

  private spawn(): Ready {
    const process = new SandboxProcess(this.spawning);
    this.counts.spawned += 1;
    this.processes.add(process);
    process.onGone = () => this.forget(process);
    return { process, ready: untilReady(process) };
  }

  private refill(): void {
    while (!this.closed && this.blank.length < this.options.warm) this.blank.push(this.spawn());
  }

  private forget(process: SandboxProcess): void {
    this.processes.delete(process);
    const blank = this.blank.findIndex((one) => one.process === process);
    if (blank >= 0) this.blank.splice(blank, 1);
    for (const [key, list] of this.idle) {
      const left = list.filter((one) => one.process !== process);
      if (left.length === 0) this.idle.delete(key);
      else this.idle.set(key, left);
    }
  }

  private async end(process: SandboxProcess): Promise<void> {
    if (!this.processes.has(process)) return;
    const gone = new Promise<void>((resolve) => {
      process.onGone = () => {
        this.forget(process);
        resolve();
      };
    });
    process.kill({ type: 'script_aborted', message: 'The sandboxes are shutting down.' });
    await gone;
  }

  private checkMemory(): void {
    for (const process of this.processes) {
      const bytes = process.residentBytes();
      if (bytes !== undefined && bytes > this.options.memoryMb * 1024 * 1024) process.kill(outOfMemoryEnding);
    }
  }
}

const cancelled: SandboxOutcome = { ok: false, error: { type: 'script_aborted', message: 'The run was cancelled.' } };

/** False when the process ends, or says nothing, before it can take a run. Only the given nonce counts: an old realm cannot know it. */
function untilReady(process: SandboxProcess, nonce?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      process.listen(undefined);
      resolve(ready);
    };
    const timer = setTimeout(() => settle(false), readyMs);
    process.listen({
      ended: () => settle(false),
      message: (message) => {
        if (message.type === 'ready' && message.nonce === nonce) settle(true);
      },
    });
  });
}
