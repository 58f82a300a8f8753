/**
 * May this realm serve another run, of whatever connection? Only if nothing of the last run is left in it: every shared object as it was, no timer, no
 * operation and no call under way, and no door used behind which we cannot look. The question costs 0.5 ms, a new realm 20 to 40.
 */
import { Activity } from './activity.ts';
import { Pristine } from './pristine.ts';
import { Timers } from './timers.ts';

/** What slips through all of this (a leak in the engine) ends here; a heap that grows ends by what the host sees of it. A picture for each thousand runs was a fifth of what short ones take. */
const runsMax = 10_000;

const { apply } = Reflect;
const { exec } = RegExp.prototype;
const { clearMarks, clearMeasures } = Performance.prototype;
const timeline = performance;
const { clearTimeout } = globalThis;
/** Deno's stops timers and intervals alike, by what starting them answered. */
const stop = (timer: unknown) => apply(clearTimeout, globalThis, [timer]);

export class Reuse {
  readonly timers = new Timers(stop);
  readonly activity: Activity;
  private readonly ends: (() => void)[] = [];
  private pristine: Pristine | undefined;
  private runs = 0;

  constructor(deno: unknown) {
    this.activity = new Activity(deno);
  }

  /** Remembers what the realm looks like, once (then true); best before a run is waiting. `roots`: what authored code can get hold of besides the global object. */
  prepare(roots: () => unknown[]): boolean {
    if (this.pristine !== undefined) return false;
    this.pristine = new Pristine();
    for (const value of [globalThis, ...hiddenPrototypes(), ...roots()]) this.pristine.watch(value);
    return true;
  }

  /** Something comes to be seen by authored code only now. */
  watch<T>(value: T): T {
    this.pristine?.watch(value);
    return value;
  }

  /** What is not seen by comparing is made anew: `clear` is called when all else was found as it was, so that nothing authored runs in it. */
  readonly atEnd = (clear: () => void): void => {
    this.ends.push(clear);
  };

  begin(): void {
    this.runs += 1;
    this.activity.begin();
  }

  /** To be asked in a turn of its own, when the run is over. */
  possible(): boolean {
    this.timers.endAll();
    apply(clearMarks, timeline, []);
    apply(clearMeasures, timeline, []);
    // RegExp.$1 and its kind show the last match of anyone.
    apply(exec, /(?:)/, ['']);
    if (this.runs >= runsMax || !this.activity.idle() || this.pristine?.intact() !== true) return false;
    for (let index = 0; index < this.ends.length; index++) this.ends[index]?.();
    return true;
  }
}

/** Objects that are shared but have no name: what iterators and generators inherit from. */
function hiddenPrototypes(): unknown[] {
  const iterable = [[].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)];
  const web = [new URLSearchParams().entries(), new Headers().entries(), new FormData().entries(), new ReadableStream().values()];
  const helpers = [Iterator.from({ next: () => ({ done: true, value: 0 }) }), [].values().map((one) => one)];
  const functions = [function* () {}, async function* () {}, async () => undefined];
  return [...iterable, ...web, ...helpers, ...functions, crypto.subtle]
    .map((one): unknown => Object.getPrototypeOf(one))
    .concat(crypto.subtle);
}
