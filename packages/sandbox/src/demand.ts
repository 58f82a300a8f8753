/** Whether one more process would serve an owner sooner than those it has: a blank one costs its picture sooner or later, a new one more than a short run takes. */
import { availableParallelism } from 'node:os';
import type { Line } from './line.ts';
import type { Recent } from './recent.ts';
import { Tally } from './tally.ts';

type Waiting = { readonly owner: string; readonly key: string; readonly since: number };
type Options = { readonly line: Line<Waiting>; readonly recent: Recent };

/** How long a line may take each process of its owner before that one gets a blank one. */
const patienceMs = 50;
/** How long making one is taken to be, at most. */
const makingMostMs = 1000;
const processors = availableParallelism();

export class Demand {
  private readonly line: Line<Waiting>;
  private readonly recent: Recent;
  /** Processes of an owner that run or clean up after a run. */
  private readonly busy = new Tally();
  private makingMs = patienceMs;

  constructor({ line, recent }: Options) {
    this.line = line;
    this.recent = recent;
  }

  /** So many more, or less, are at work. */
  count(owner: string, by: number): void {
    this.busy.add(owner, by);
  }

  /** Making the last one took so long. */
  made(ms: number): void {
    this.makingMs = Math.min(Math.max(ms, patienceMs), makingMostMs);
  }

  /** As many at once as there are processors; one more only where its line is long, or does not move. */
  mayTakeBlank({ owner, since }: Waiting): boolean {
    const busy = this.busy.of(owner);
    return busy < processors || this.lineMs(owner) >= busy * patienceMs || performance.now() - since >= this.makingMs;
  }

  /** How many to make, for owners whose lines would be served later by those they have. */
  missing(): number {
    const stuck = new Map<string, number>();
    const longAgo = performance.now() - this.makingMs;
    for (const { owner, since } of this.line.all()) stuck.set(owner, (stuck.get(owner) ?? 0) + (since <= longAgo ? 1 : 0));
    let missing = 0;
    for (const [owner, waitLong] of stuck) {
      const [busy, waiting] = [this.busy.of(owner), this.line.count(owner)];
      const enough = Math.ceil(this.lineMs(owner) / this.makingMs);
      missing += busy === 0 ? waiting : Math.min(waiting, Math.max(waitLong, enough - busy));
    }
    return missing;
  }

  /** What all that wait would take one process, as far as is known by those before them. */
  private lineMs(owner: string): number {
    return this.recent.tookMs(owner) * this.line.count(owner);
  }
}
