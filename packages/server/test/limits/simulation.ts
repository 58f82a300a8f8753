/** Several processes and a provider in virtual time: the real leases and budgets, with a shared object in place of the row. */
import { pino } from 'pino';
import { vi } from 'vitest';
import type { Budget } from '../../src/limits/budget.ts';
import { createBudget } from '../../src/limits/budget.ts';
import { exchange } from '../../src/limits/budget-exchange.ts';
import { readLimit } from '../../src/limits/budget-headers.ts';
import { type BudgetNews, type BudgetSpec, keyOf, type Share } from '../../src/limits/budget-name.ts';
import { BudgetUsedUp } from '../../src/limits/budget-queue.ts';
import { Budgets } from '../../src/limits/budgets.ts';
import type { Limiter } from './provider-limits.ts';

export const spec: BudgetSpec = { environmentId: 1, integrationId: 1, connectionId: 1, part: '' };
export const clock = { now: () => new Date() };
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export type Store = { budget?: Budget; exchanges: number; listeners: Set<(news: BudgetNews) => void> };
export const newStore = (): Store => ({ exchanges: 0, listeners: new Set() });

/** One exchange at a time, as the row's lock has it; it takes 2 ms. */
export function shareOf(store: Store): Share {
  let turn = Promise.resolve();
  return {
    exchange(of, message) {
      const mine = turn.then(async () => {
        await pause(2);
        const exchanged = exchange(store.budget ?? createBudget(Date.now(), of.documented), Date.now(), message);
        store.budget = exchanged.budget;
        store.exchanges += 1;
        const { hold, pace } = exchanged.budget;
        const news = { key: keyOf(of), heldUntil: hold.until, probing: hold.probing, paced: pace !== null };
        if (exchanged.news) for (const listener of store.listeners) listener(news);
        return exchanged;
      });
      turn = mine.then(() => undefined);
      return mine;
    },
    look: async () => [],
    follow(listener) {
      store.listeners.add(listener);
      return () => store.listeners.delete(listener);
    },
  };
}

export type Demand = {
  processes: number;
  /** Callers of each process that ask again as soon as they were answered. */
  syncs: number;
  /** One call of a person each so many milliseconds, in each process. */
  peopleEveryMs?: number;
  seconds: number;
  latencyMs?: number;
  documented?: BudgetSpec['documented'];
};
export type Result = {
  accepted: number;
  refused: number;
  /** Accepted, of what the provider could have let through. */
  used: number;
  /** Refused, of all that was sent. */
  over: number;
  exchanges: number;
  people: Person[];
  budget: Budget | undefined;
};

/** One call of a person: when it came, in milliseconds from the start; what it waited, and whether the provider answered it in the end. */
export type Person = { at: number; waitedMs: number; given: boolean };

/** In virtual time; the caller has fake timers. */
export async function simulate(limiter: Limiter, demand: Demand): Promise<Result> {
  const store = newStore();
  const share = shareOf(store);
  const people: Person[] = [];
  const running = { on: true };
  const of = demand.documented ? { ...spec, documented: demand.documented } : spec;
  const started = Date.now();
  const all = Array.from(
    { length: demand.processes },
    (_, id) => new Budgets({ clock, log: pino({ level: 'silent' }), bus: { id: id + 1 } }, share),
  );
  for (const [place, budgets] of all.entries()) {
    for (let n = 0; n < demand.syncs; n++) void keepCalling(budgets, of, { limiter, latencyMs: demand.latencyMs ?? 20, running });
    if (demand.peopleEveryMs)
      void visit(budgets, of, {
        limiter,
        everyMs: demand.peopleEveryMs,
        firstMs: (demand.peopleEveryMs * place) / demand.processes,
        people,
        running,
        started,
      });
  }
  await vi.advanceTimersByTimeAsync(demand.seconds * 1000);
  running.on = false;
  const { accepted, refused } = limiter.counts;
  const capacity = limiter.capacity(started, Date.now());
  for (const budgets of all) budgets.close();
  return {
    accepted,
    refused,
    used: accepted / capacity,
    over: refused / (accepted + refused),
    exchanges: store.exchanges,
    people,
    budget: store.budget,
  };
}

type Calling = { limiter: Limiter; latencyMs: number; running: { on: boolean } };

async function keepCalling(budgets: Budgets, of: BudgetSpec, { limiter, latencyMs, running }: Calling): Promise<void> {
  while (running.on) {
    await budgets.enter(of, { interactive: false, waitMaxMs: 3600_000 });
    await call(budgets, of, limiter, latencyMs);
  }
}

async function call(budgets: Budgets, of: BudgetSpec, limiter: Limiter, latencyMs: number): Promise<boolean> {
  const sentAt = Date.now();
  await pause(latencyMs / 2);
  const { ok, headers } = limiter.take(Date.now());
  await pause(latencyMs / 2);
  const after = headers['retry-after'];
  budgets.leave(of, {
    sentAt,
    seen: readLimit(headers, { sentAt, at: Date.now() }),
    ...(ok ? {} : { refused: { waitMs: after === undefined ? null : Number(after) * 1000 } }),
  });
  return ok;
}

type Visiting = { limiter: Limiter; everyMs: number; firstMs: number; people: Person[]; running: { on: boolean }; started: number };

async function visit(budgets: Budgets, of: BudgetSpec, { limiter, everyMs, firstMs, people, running, started }: Visiting): Promise<void> {
  await pause(firstMs);
  while (running.on) {
    await pause(everyMs);
    void one();
  }
  async function one() {
    const from = Date.now();
    const mine: Person = { at: from - started, waitedMs: Number.POSITIVE_INFINITY, given: false };
    people.push(mine);
    try {
      await budgets.enter(of, { interactive: true, waitMaxMs: 10_000 });
      mine.waitedMs = Date.now() - from;
      mine.given = await call(budgets, of, limiter, 20);
    } catch (error) {
      if (!(error instanceof BudgetUsedUp)) throw error;
    }
  }
}
