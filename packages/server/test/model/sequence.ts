/** One sequence of steps against a tenant of its own; after each, what is stored is what the model says, and each answer is explained by some order. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { explain } from './explain.ts';
import * as hands from './hands.ts';
import type { Lane } from './lane.ts';
import type { Plan, Planner } from './operations.ts';
import * as operations from './operations.ts';
import { pageOf } from './real.ts';
import { REFUSED } from './records.ts';
import { contentsOf, takeSnapshot } from './snapshot.ts';
import { at, initialState, type State, SYNCS } from './state.ts';
import { isOver } from './syncs.ts';
import { createTenant, type Tenant } from './tenant.ts';

export const planners = { ...operations.planners, ...hands.planners };
export type Wish = {
  [K in keyof typeof planners]: { op: K } & ((typeof planners)[K] extends Planner<infer W> ? W : never);
}[keyof typeof planners];
/** Operations at once, or one. */
export type SequenceStep = readonly Wish[];

/** @returns how many operations were done */
export async function runSequence(lane: Lane, steps: readonly SequenceStep[]): Promise<number> {
  const tenant = await createTenant(lane);
  let states: readonly State[] = [initialState()];
  /** Any: they are told apart by what nobody has read yet. */
  const state = () => at(states, 0);
  const history: string[] = [];
  let done = 0;
  const step = async (wishes: SequenceStep) => {
    const plans = planAll(tenant, state(), wishes);
    if (plans.length === 0) return;
    history.push(plans.map(({ what }) => what).join(' ‖ '));
    states = await carryOut(tenant, states, plans, history);
    done += plans.length;
  };
  try {
    for (const wishes of steps) await step(wishes);
    await settleAll(tenant, () => states, step, history);
  } finally {
    for (const hand of tenant.hands.values()) await release(hand);
  }
  return done;
}

function planAll(tenant: Tenant, state: State, wishes: SequenceStep): Plan[] {
  tenant.taken.clear();
  tenant.isTogether = wishes.length > 1;
  return wishes.flatMap((wish, slot) => {
    const planner = planners[wish.op] as Planner<Wish>; // the wish is of this planner's kind
    return planner(tenant, state, wish, slot) ?? [];
  });
}

async function carryOut(
  tenant: Tenant,
  befores: readonly State[],
  plans: readonly Plan[],
  history: readonly string[],
): Promise<readonly State[]> {
  const works: Promise<unknown>[] = [];
  for (const { real } of plans) {
    const others = Promise.resolve().then(() => Promise.allSettled(works.filter((work) => work !== own)));
    const own: Promise<unknown> = real(others);
    works.push(own);
  }
  const answers = await Promise.all(works).catch((error: unknown) => {
    throw failure(history, 'an operation failed', error);
  });
  const snapshot = await takeSnapshot(tenant);

  tenant.snapshot = snapshot;
  if (snapshot.faults.length > 0) throw failure(history, snapshot.faults.join('; '), snapshot.shape);
  const explained = explain(
    befores,
    plans.map(({ may }) => may),
    answers,
    snapshot.shape,
  );
  if ('states' in explained) return explained.states;
  throw failure(history, 'no order of these operations explains what they answered and what is stored', {
    answered: answers,
    expected: explained.expected,
    stored: difference(snapshot.shape, explained.shape),
  });
}

/** What is not the same, each with where it is. */
function difference(stored: unknown, shouldBe: unknown, where = ''): string[] {
  if (isDeepStrictEqual(stored, shouldBe)) return [];
  if (!(stored instanceof Object && shouldBe instanceof Object)) return [`${where}: ${inspect(stored)}, should be ${inspect(shouldBe)}`];
  const keys = new Set([...Object.keys(stored), ...Object.keys(shouldBe)]);
  return [...keys].flatMap((key) => difference(Reflect.get(stored, key), Reflect.get(shouldBe, key), `${where}.${key}`));
}

function failure(history: readonly string[], what: string, detail: unknown): Error {
  const steps = history.map((step, index) => `${String(index + 1).padStart(4)}  ${step}`).join('\n');
  const cause = detail instanceof Error ? { cause: detail } : {};
  return new Error(`${what}\n${steps}\n${inspect(detail, { depth: 8, breakLength: 140 })}`, cause);
}

type StepOn = (wishes: SequenceStep) => Promise<void>;
/** Rounds in which everything must come to rest. */
const ROUNDS_MAX = 60;

/** Nothing is stuck: with processes that live, every run ends, every delivery too, and every reader meets all that there is. */
async function settleAll(tenant: Tenant, states: () => readonly State[], step: StepOn, history: readonly string[]): Promise<void> {
  const state = () => at(states(), 0);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await step([{ op: 'claimDue', alone: true }]);
    // By the sender alone: a circuit that nothing closes is something that is stuck.
    await step([{ op: 'sendDue', room: 5 }]);
    const jobs = (tenant.snapshot?.jobs ?? []).filter(({ payload }) => payload.deliveryId === undefined);
    const isIdle = jobs.length === 0 && tenant.hands.size === 0;
    if (isIdle && !state().syncs.some(isOpen) && !state().deliveries.some((one) => one.state === 'pending')) break;
    if (isIdle || round % 10 === 9) await step([{ op: 'jump', units: 1 }]);
    for (const hand of [...tenant.hands.values()])
      await step([hand.kind === 'run' ? { op: 'endFunction', hand: 0, ok: true } : { op: 'answer', hand: 0, status: 200 }]);
    for (const _ of jobs) await step([{ op: 'take', job: 0, crash: false }]);
  }
  const open = state().syncs.filter(isOpen);
  const pending = state().deliveries.filter((one) => one.state === 'pending');
  if (open.length + pending.length > 0) throw failure(history, 'something never came to rest', { open, pending });
  for (const sync of SYNCS.keys()) {
    const left = Math.ceil(state().syncs.reduce((sum, { stream }) => sum + stream.records.length, 0) / 3) + 1;
    for (let pageNr = 0; pageNr < left; pageNr++) await step([{ op: 'read', sync }]);
    await checkContents(tenant, states(), sync, history);
  }
}

const isOpen = ({ runs }: State['syncs'][number]) => runs.some((run) => !isOver(run));

async function checkContents(tenant: Tenant, states: readonly State[], sync: number, history: readonly string[]): Promise<void> {
  const found = await pageOf(tenant, sync, { limit: 1_000 });
  const stored = found === REFUSED ? [] : found.shown;
  const shouldBe = contentsOf(at(states, 0), sync);
  if (!states.some((state) => isDeepStrictEqual(stored, contentsOf(state, sync))))
    throw failure(history, `the records of ${sync} are others`, { stored, shouldBe });
}

async function release(hand: Tenant['hands'] extends Map<number, infer H> ? H : never): Promise<void> {
  if (hand.kind === 'run') hand.end({ ok: false, error: { type: 'action_script_runtime_error', message: 'The test is over' } });
  else hand.answer(410);
  await hand.over.catch(() => {});
}
