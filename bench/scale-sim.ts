/**
 * A discrete-event simulation of schedules, dispatchers, run slots and Postgres, in virtual time: how late do runs start, with how many processes?
 * Pure and from a seed: the same numbers in give the same numbers out.
 */

export type Load = {
  /** Schedules, their first slots spread evenly over one interval. */
  readonly schedules: number;
  readonly intervalS: number;
  /** A run holds its slot for this long in the median, and its 99th of 100 so many times longer: it waits for its provider. */
  readonly runS: number;
  readonly tail: number;
};
export type Machines = {
  readonly processes: number;
  /** Runs at once in a process. */
  readonly slots: number;
  /** Seconds between two looks of a process for due syncs, and the most that it claims at one. */
  readonly turnS: number;
  readonly batch: number;
  /** Cores of Postgres, and the seconds of one that a run takes. */
  readonly databaseCores: number;
  readonly databaseS: number;
};
export type Lateness = {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** Late at the end of the time, in the mean of the last tenth of the runs: when that is far above p50, it never stops growing. */
  readonly last: number;
  /** Of the slots and of Postgres, 0 to 1. */
  readonly slotsBusy: number;
  readonly databaseBusy: number;
};

/**
 * @param seconds of virtual time in which slots come due. @param outageS before it nothing ran, so what came due then is due at once
 * @returns seconds between due and started
 */
export function simulate(
  load: Load,
  machines: Machines,
  { seconds, outageS = 0, seed = 1 }: { seconds: number; outageS?: number; seed?: number },
): Lateness {
  const random = fractions(seed);
  const rate = load.schedules / load.intervalS;
  // A schedule that missed several slots runs once: no more than all of them can be due.
  const waiting = Math.min(load.schedules, Math.round(rate * outageS));
  const count = waiting + Math.round(rate * seconds);
  const slots = new Heap(machines.processes * machines.slots);
  const database = new Heap(machines.databaseCores);
  const claimPerS = (machines.processes * machines.batch) / machines.turnS;
  const late = new Float64Array(count);
  let claimed = 0;
  let [slotTime, databaseTime, end] = [0, 0, 0];
  for (let nr = 0; nr < count; nr++) {
    const due = (nr - waiting) / rate; // before 0: in the outage
    // The next turn of any process after it is due, as far as their batches reach.
    const seen = Math.max(0, due) + random() * (machines.turnS / machines.processes);
    claimed = Math.max(claimed + 1 / claimPerS, seen);
    const free = Math.max(claimed, slots.first);
    const served = Math.max(free, database.first) + machines.databaseS;
    database.replaceFirst(served);
    const lasts = load.runS * load.tail ** (normal(random) / 2.326); // the 99th of 100 lies 2.326 deviations above
    const over = Math.max(served, free + lasts);
    slots.replaceFirst(over);
    late[nr] = served - machines.databaseS - due;
    slotTime += over - free;
    databaseTime += machines.databaseS;
    end = Math.max(end, served);
  }
  const sorted = late.toSorted();
  const at = (part: number) => sorted[Math.min(count - 1, Math.floor(count * part))] ?? 0;
  const tenth = late.subarray(Math.floor(count * 0.9));
  return {
    p50: at(0.5),
    p99: at(0.99),
    most: at(1),
    last: tenth.reduce((sum, one) => sum + one, 0) / tenth.length,
    slotsBusy: Math.min(1, slotTime / (machines.processes * machines.slots * end)),
    databaseBusy: databaseTime / (machines.databaseCores * end),
  };
}

/** When each of several servers is free; the first one is at hand. */
class Heap {
  readonly #times: Float64Array;

  constructor(size: number) {
    this.#times = new Float64Array(size);
  }

  get first(): number {
    return this.#times[0] ?? 0;
  }

  replaceFirst(time: number): void {
    const times = this.#times;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = right < times.length && (times[right] ?? 0) < (times[left] ?? 0) ? right : left;
      const earlier = times[child];
      if (child >= times.length || earlier === undefined || earlier >= time) break;
      times[place] = earlier;
      place = child;
    }
    times[place] = time;
  }
}

/** Mulberry32. */
function fractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller. */
const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
