/**
 * The rate limits that a request through a connection counts against, as the catalogue says or, where it says nothing, one for each connection.
 * A request passes before it is sent, and tells afterwards what the provider answered. Nothing is held meanwhile, no connection to the database either.
 */
import { type Problem, problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Target } from '../connections/target.ts';
import type { Access } from '../credentials/access.ts';
import { type LimitHeaders, readLimit } from '../limits/budget-headers.ts';
import type { BudgetSpec } from '../limits/budget-name.ts';
import { BudgetUsedUp } from '../limits/budget-queue.ts';
import { shareBudgets } from '../limits/budget-row.ts';
import { Budgets, type Outcome } from '../limits/budgets.ts';
import { createSpending, type Spending, type SpendingKind } from '../limits/spending.ts';
import type { OperationHandle } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { limitsOf } from './limits.ts';
import type { ProxyCall } from './request.ts';

export type Kind = SpendingKind;
type BudgetWorld = Pick<World, 'db' | 'bus' | 'clock' | 'log' | 'builtIns'>;
type Passing = {
  readonly call: ProxyCall;
  readonly kind: Kind;
  readonly retries: number;
  readonly signal?: AbortSignal;
  readonly access?: Access;
  readonly log: Pick<OperationHandle, 'log'>;
};
/** A request that may be sent now. */
export type Turn = {
  sent(): void;
  answered(headers: Answer['headers'] | undefined, refused: Outcome['refused']): void;
  /** Once, whatever became of it. */
  leave(): void;
};
type Answer = { readonly headers: Readonly<Record<string, string | string[] | undefined>> };
type Budget = { readonly spec: BudgetSpec; readonly headers: LimitHeaders | undefined };

/** How long a request may wait: a caller without retries gets an answer soon, a function may sit out a minute, a sync an hour. */
const WAIT_MS: Record<Kind, { readonly once: number; readonly withRetries: number }> = {
  proxy: { once: 10_000, withRetries: 10 * 60_000 },
  action: { once: 2 * 60_000, withRetries: 10 * 60_000 },
  sync: { once: 3600_000, withRetries: 3600_000 },
};

/** What is shorter was spent on asking what there is. */
const WAIT_MS_MIN = 100;

/** For each clock: Worlds that differ in it differ in what is past. */
const open = new WeakMap<World['clock'], { budgets: Budgets; spending: Spending }>();

function openBudgets(world: BudgetWorld): { budgets: Budgets; spending: Spending } {
  const known = open.get(world.clock);
  if (known) return known;
  const made = { budgets: new Budgets(world, shareBudgets(world)), spending: createSpending(world) };
  open.set(world.clock, made);
  return made;
}

/** What was counted and is not stored yet. */
export const storeSpending = async (clock: World['clock']): Promise<void> => open.get(clock)?.spending.flush();

/** At the end of a process: what was counted is stored. */
export async function closeBudgets(clock: World['clock']): Promise<void> {
  const known = open.get(clock);
  open.delete(clock);
  known?.budgets.close();
  await known?.spending.flush();
}

/** At once, while the limits are far. @throws provider_rate_limited when it would take longer than it may, and the signal's reason */
export function pass(world: BudgetWorld, target: Target, passing: Passing): Promise<Turn> | Turn | undefined {
  if (passing.access) return undefined; // of a connection that is not stored
  const all = budgetsFor(world, target, passing.call);
  const shared = openBudgets(world);
  const from = world.clock.now().getTime();
  const waits = enterFrom(0, all, { budgets: shared.budgets, target, passing });
  if (!waits) return turnOf({ world, target, passing, all, waitedMs: 0, ...shared });
  return waits.then(() => turnOf({ world, target, passing, all, waitedMs: world.clock.now().getTime() - from, ...shared }));
}

type Entering = { readonly budgets: Budgets; readonly target: Target; readonly passing: Passing };

/** One after the other. Whoever waits for a later one keeps what it got of those before: that is one request of them. */
function enterFrom(first: number, all: readonly Budget[], entering: Entering): Promise<void> | undefined {
  const { budgets, target, passing } = entering;
  const { kind, retries, signal, log } = passing;
  for (let place = first; place < all.length; place++) {
    const budget = all[place];
    const waits =
      budget &&
      budgets.enter(budget.spec, {
        interactive: kind !== 'sync',
        waitMaxMs: WAIT_MS[kind][retries > 0 ? 'withRetries' : 'once'],
        signal,
        onWait: (until) => log.log('info', `Waits for the rate limit of ${target.integration.provider}, until about ${timeOf(until)}`),
      });
    if (waits)
      return waits.then(
        () => enterFrom(place + 1, all, entering),
        (error: unknown) => {
          for (const { spec } of all.slice(0, place)) budgets.cancel(spec);
          throw error instanceof BudgetUsedUp ? usedUp(target, error.until) : error;
        },
      );
  }
  return undefined;
}

const timeOf = (moment: number) => new Date(moment).toISOString();

function usedUp({ integration, connection }: Target, until: number) {
  return problem('provider_rate_limited', {
    message: `The rate limit of ${integration.provider} for the connection "${connection.connectionId}" is used up until ${timeOf(until)}. Try again then; with retries a call waits up to 10 minutes for it`,
    payload: { until: timeOf(until) },
  });
}

/** Of `provider_rate_limited`, in seconds; undefined of any other problem. */
export function retryAfterOf({ code, details: { payload } }: Problem, now: Date): number | undefined {
  if (code !== 'provider_rate_limited') return undefined;
  const { until } = payload as { until: string }; // set above
  return Math.max(1, Math.ceil((Date.parse(until) - now.getTime()) / 1000));
}

type Turning = ReturnType<typeof openBudgets> & {
  world: BudgetWorld;
  target: Target;
  passing: Passing;
  all: readonly Budget[];
  waitedMs: number;
};

function turnOf({ world, target, passing, all, waitedMs, budgets, spending }: Turning): Turn {
  let sentAt = 0;
  let answer: Answer['headers'] | undefined;
  let refused: Outcome['refused'];
  let isOver = false;
  const leave = () => {
    if (isOver) return;
    isOver = true;
    if (sentAt === 0) {
      for (const { spec } of all) budgets.cancel(spec);
      return;
    }
    const at = world.clock.now().getTime();
    const { environmentId, id: connectionId, integrationId } = target.connection;
    spending.note(
      { environmentId, integrationId, connectionId, kind: passing.kind },
      { refused: refused !== undefined, waitedMs: waitedMs < WAIT_MS_MIN ? 0 : waitedMs },
    );
    const heard = all.map(({ headers }, place) =>
      answer && (place === 0 || headers) ? readLimit(answer, { sentAt, at }, headers) : undefined,
    );
    // Of several limits the one with nothing left refused; else the first, which is the narrowest.
    const refuser = Math.max(
      0,
      heard.findIndex((one) => one?.remaining === 0),
    );
    for (const [place, { spec }] of all.entries()) {
      const one = heard[place];
      const isOther = one?.resource !== undefined && spec.part !== '' && one.resource !== spec.part;
      budgets.leave(spec, {
        sentAt,
        seen: isOther ? undefined : one,
        refused: place === refuser ? refused : undefined,
        lost: answer === undefined,
      });
    }
  };
  return {
    sent: () => {
      sentAt = world.clock.now().getTime();
    },
    answered(headers, refusal) {
      answer = headers;
      refused = refusal;
      leave();
    },
    leave,
  };
}

/** Never none: where the catalogue says nothing of a path, each connection has a limit that is to be learned. */
function budgetsFor(world: BudgetWorld, { connection, integration }: Target, { path, baseUrlOverride }: ProxyCall): Budget[] {
  const { environmentId, integrationId, id } = connection;
  const known = baseUrlOverride ? [] : (providerOf(world, integration)?.proxy?.rate_limits ?? []);
  const limits = known.length === 0 ? [] : limitsOf(known, path);
  const host = baseUrlOverride ? (URL.parse(baseUrlOverride)?.host ?? '') : '';
  if (limits.length === 0) return [{ spec: { environmentId, integrationId, connectionId: id, part: host }, headers: undefined }];
  return limits.map(({ of, part, documented, headers }) => ({
    spec: { environmentId, integrationId, connectionId: of === 'connection' ? id : null, part, documented },
    headers,
  }));
}
