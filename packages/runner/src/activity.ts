/**
 * Does anything of a finished run still work in this realm? Timers end with their run; what remains are Deno's own operations (a key being
 * made, a stream being read) and its queues. Each operation under way has a number, and numbers can be asked for; without that way of asking
 * the answer is always yes, and every run gets a new realm.
 */

type Core = {
  hasPromise(id: number): boolean;
  __setNextPromiseId(id: number): void;
  hasTickScheduled(): boolean;
  getActiveImmediateCount(): number;
};

const names = ['hasPromise', '__setNextPromiseId', 'hasTickScheduled', 'getActiveImmediateCount'] as const;
/** Each run numbers its operations from a round number; none comes near this many. Deno counts in 31 bits, so the numbers of a thousand runs ago come again. */
const numbersPerRun = 2 ** 20;
const numbersMax = 2 ** 30;
/** Looking at one takes 20 ns. A run with more messages was long, and the realm it costs is not felt. */
const messagesMax = 4096;
/** Operations that a run may start besides: making keys, reading files of memory. */
const othersMax = 1024;

export class Activity {
  private readonly core: Core | undefined;
  private first = 0;
  private messages = 0;
  private used = false;

  constructor(deno: unknown) {
    this.core = coreOf(deno);
  }

  begin(): void {
    this.first = (this.first + numbersPerRun) % numbersMax;
    this.messages = 0;
    this.core?.__setNextPromiseId(this.first);
  }

  /** Every message of the host takes a number. */
  count(): void {
    this.messages += 1;
  }

  /** Something was used whose work cannot be followed. */
  readonly lose = (): void => {
    this.used = true;
  };

  /** True when a door was used behind which even another thread may have been started. */
  get lost(): boolean {
    return this.used;
  }

  /** To be asked in a turn of the event loop of its own, when no promise of the run can be about to continue. */
  idle(): boolean {
    const { core } = this;
    if (core === undefined || this.used || this.messages > messagesMax) return false;
    if (core.hasTickScheduled() || core.getActiveImmediateCount() > 0) return false;
    const end = this.first + this.messages + othersMax;
    for (let id = this.first; id < end; id++) if (core.hasPromise(id)) return false;
    return true;
  }
}

/** Deno's internals, as far as they are there: an update may take them away, and then nothing is reused. */
function coreOf(deno: unknown): Core | undefined {
  const internal: unknown = isObject(deno) ? Reflect.get(deno, 'internal') : undefined;
  const parts: unknown = isObject(deno) && typeof internal === 'symbol' ? Reflect.get(deno, internal) : undefined;
  const core: unknown = isObject(parts) ? Reflect.get(parts, 'core') : undefined;
  if (!isObject(core) || names.some((name) => typeof Reflect.get(core, name) !== 'function')) return undefined;
  // Each of the four was just seen to be a function; taken as own properties so that nothing is looked up later.
  const { hasPromise, __setNextPromiseId, hasTickScheduled, getActiveImmediateCount } = core as Core;
  return { hasPromise, __setNextPromiseId, hasTickScheduled, getActiveImmediateCount };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
