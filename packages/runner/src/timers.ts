/**
 * Timers that end with their run: what still waits when a run ends is cancelled, so no callback of one run fires in the next.
 * The originals are taken when the realm starts, before authored code can replace them.
 */

type Callback = (this: unknown, ...parts: unknown[]) => unknown;
type Start = (callback: Callback, ms: number | undefined, ...parts: unknown[]) => object;
type Stop = (timer: unknown) => void;

const { apply } = Reflect;
const { add, delete: remove, forEach, clear } = Set.prototype;

export class Timers {
  private readonly live = new Set<object>();
  private readonly stop: Stop;

  constructor(stop: Stop) {
    this.stop = stop;
  }

  /** A `setTimeout` or `setInterval` (or `setImmediate`, with `once` and no time) that remembers what it started. */
  starting(start: Start, once: boolean): (callback: unknown, ...parts: unknown[]) => object {
    return (callback, ...parts) => {
      // Deno's own refuses it too, in words that suit any type.
      if (typeof callback !== 'function') throw new TypeError('The callback of a timer must be a function.');
      const live = this.live;
      const fire: Callback = function (...given) {
        if (once) apply(remove, live, [timer]);
        return apply(callback, this, given);
      };
      const timer = apply(start, globalThis, [fire, ...parts]);
      apply(add, live, [timer]);
      return timer;
    };
  }

  stopping(): Stop {
    return (timer) => {
      apply(remove, this.live, [timer]);
      this.stop(timer);
    };
  }

  endAll(): void {
    apply(forEach, this.live, [(timer: unknown) => this.stop(timer)]);
    apply(clear, this.live, []);
  }
}
