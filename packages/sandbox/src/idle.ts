/** Processes that served a run, were left as they were found, and wait for another of their owner. */
import type { SandboxProcess } from './process.ts';

type Options = {
  idleMs: number;
  idleMax: number;
  /** Ends a process that waits no longer; it is removed from here by then or after. */
  end(process: SandboxProcess): void;
};
/** `cpuMs`: what the process had used of the processor at the first look after it began to wait: to ask at once takes a thirtieth of what a short run takes here. */
type Waiting = { process: SandboxProcess; timer: NodeJS.Timeout; since: number; cpuMs?: number | undefined };

/**
 * More than may wait are ended only after so long. A crowd of short runs would else end processes and miss them a moment later: 30 were made for 3,000
 * runs of 16 slots, which was 2 ms of the 5 that each run took here.
 */
export const surplusMs = 1000;
/** Collecting garbage takes a tenth of it. */
const idleCpuMs = 500;

export class Idle {
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly parked = new Set<SandboxProcess>();
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  get size(): number {
    return this.parked.size;
  }

  has(process: SandboxProcess): boolean {
    return this.parked.has(process);
  }

  park(owner: string, process: SandboxProcess): void {
    const timer = setTimeout(() => this.options.end(process), this.options.idleMs);
    timer.unref();
    this.parked.add(process);
    this.waiting.set(owner, [...(this.waiting.get(owner) ?? []), { process, timer, since: performance.now() }]);
  }

  /** The one of this owner that ran last; undefined when there is none. */
  take(owner: string): SandboxProcess | undefined {
    const last = this.waiting.get(owner)?.pop();
    if (last === undefined) return undefined;
    clearTimeout(last.timer);
    this.parked.delete(last.process);
    if (this.waiting.get(owner)?.length === 0) this.waiting.delete(owner);
    return last.process.alive ? last.process : this.take(owner);
  }

  remove(process: SandboxProcess): void {
    if (!this.parked.delete(process)) return;
    for (const [owner, list] of this.waiting) {
      const left = list.filter((one) => one.process !== process);
      if (left.length === 0) this.waiting.delete(owner);
      else this.waiting.set(owner, left);
    }
  }

  /** Ends those that are too many, and those that work: who waits does nothing, so something that works was left in them. */
  check(): void {
    const now = performance.now();
    // Whoever ran last is likeliest to run next.
    const latestFirst = this.all().sort((one, other) => other.since - one.since);
    for (const one of latestFirst.slice(this.options.idleMax)) if (now - one.since >= surplusMs) this.end(one);
    for (const one of this.all()) {
      const cpuMs = one.process.cpuMs();
      if (cpuMs !== undefined && cpuMs - (one.cpuMs ?? cpuMs) > idleCpuMs) this.end(one);
      one.cpuMs ??= cpuMs;
    }
  }

  stop(): void {
    for (const { timer } of this.all()) clearTimeout(timer);
  }

  private end({ process, timer }: Waiting): void {
    clearTimeout(timer);
    this.options.end(process);
  }

  private all(): Waiting[] {
    return [...this.waiting.values()].flat();
  }
}
