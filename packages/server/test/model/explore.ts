/** Random sequences, several side by side, from a seed that makes them again. A failing one is made shorter as far as a minute goes. */
import fc from 'fast-check';
import type { Lane } from './lane.ts';
import { runSequence, type SequenceStep, type Wish } from './sequence.ts';
import { SYNCS } from './state.ts';

const sync = fc.nat(SYNCS.length - 1);
const index = fc.nat(9);
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const items = fc.array(fc.record({ id, v: fc.nat(2) }), { minLength: 1, maxLength: 5 });
const op = <K extends Wish['op']>(name: K) => fc.constant(name);

const call = fc.oneof(
  { weight: 6, arbitrary: fc.record({ method: fc.constantFrom('save' as const, 'update' as const), items }) },
  {
    weight: 3,
    arbitrary: fc.record({
      method: fc.constantFrom('delete' as const, 'delete' as const, 'met' as const),
      ids: fc.array(id, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ method: fc.constantFrom('checkpoint' as const, 'checkpoint' as const, 'metadata' as const), at: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ method: fc.constantFrom('clear' as const, 'trackStart' as const, 'trackEnd' as const) }) },
);

/** How often each is wanted: enough of what destroys, and more of what builds. */
const wishes: Readonly<Partial<Record<Wish['op'], { weight: number; arbitrary: fc.Arbitrary<Wish> }>>> = {
  take: { weight: 14, arbitrary: fc.record({ op: op('take'), job: index, crash: fc.boolean() }) },
  call: { weight: 22, arbitrary: fc.record({ op: op('call'), hand: index, call }) },
  endFunction: { weight: 7, arbitrary: fc.record({ op: op('endFunction'), hand: index, ok: fc.constantFrom(true, true, false) }) },
  answer: {
    weight: 6,
    arbitrary: fc.record({ op: op('answer'), hand: index, status: fc.constantFrom(200, 200, 500, 500, 500, 503, 410) }),
  },
  sendDue: { weight: 6, arbitrary: fc.record({ op: op('sendDue'), room: fc.integer({ min: 1, max: 4 }) }) },
  lose: { weight: 3, arbitrary: fc.record({ op: op('lose'), hand: index }) },
  claimDue: { weight: 4, arbitrary: fc.record({ op: op('claimDue'), alone: fc.constant(true) }) },
  triggerSync: { weight: 4, arbitrary: fc.record({ op: op('triggerSync'), sync, reset: fc.boolean(), emptyCache: fc.boolean() }) },
  pauseSync: { weight: 3, arbitrary: fc.record({ op: op('pauseSync'), sync }) },
  resumeSync: { weight: 3, arbitrary: fc.record({ op: op('resumeSync'), sync }) },
  changeFrequency: { weight: 1, arbitrary: fc.record({ op: op('changeFrequency'), sync, units: fc.integer({ min: 1, max: 3 }) }) },
  read: { weight: 10, arbitrary: fc.record({ op: op('read'), sync }) },
  pruneRead: { weight: 2, arbitrary: fc.record({ op: op('pruneRead'), sync, limit: fc.integer({ min: 1, max: 3 }) }) },
  besides: {
    weight: 6,
    arbitrary: fc.record({ op: op('besides'), sync, items, open: fc.constantFrom('no' as const, 'commit' as const, 'rollback' as const) }),
  },
  approveHeld: { weight: 2, arbitrary: fc.record({ op: op('approveHeld'), sync }) },
  discardHeld: { weight: 1, arbitrary: fc.record({ op: op('discardHeld'), sync }) },
  noteMetadata: {
    weight: 2,
    arbitrary: fc.record({ op: op('noteMetadata'), connection: fc.nat(1), key: fc.constantFrom('x', 'y'), value: fc.nat(9) }),
  },
  switchUrl: { weight: 1, arbitrary: fc.record({ op: op('switchUrl'), on: fc.constantFrom(true, true, false) }) },
  sendAgain: { weight: 4, arbitrary: fc.record({ op: op('sendAgain'), delivery: index }) },
};
/** Rarely, or nothing much would happen between. */
const rare: readonly { weight: number; arbitrary: fc.Arbitrary<Wish> }[] = [
  { weight: 4, arbitrary: fc.record({ op: op('jump'), units: fc.constantFrom(1, 1, 2, -1) }) },
  { weight: 1, arbitrary: fc.record({ op: op('endConnection'), connection: fc.nat(1) }) },
];
/** How many times more often: what takes three of them in a row comes two hundred times as often. */
const FOCUS = 6;

function stepOf(focus: readonly Wish['op'][]): fc.Arbitrary<SequenceStep> {
  const focused = Object.entries(wishes).map(([name, { weight, arbitrary }]) => ({
    weight: focus.some((one) => one === name) ? weight * FOCUS : weight,
    arbitrary,
  }));
  const one = fc.oneof(...focused);
  const together = fc
    .array(one, { minLength: 2, maxLength: 3 })
    .map((chosen): SequenceStep => chosen.map((wish) => (wish.op === 'claimDue' ? { ...wish, alone: false } : wish)));
  return fc.oneof(
    { weight: 60, arbitrary: one.map((wish) => [wish]) },
    { weight: 30, arbitrary: together },
    { weight: 6, arbitrary: fc.oneof(...rare).map((wish) => [wish]) },
  );
}

export type Exploration = {
  /** Operations that are wanted more often than others. */
  readonly focus?: readonly Wish['op'][];
  readonly seed: number;
  readonly operations: number;
  /** Of a failure that is to be seen again. */
  readonly path?: string | undefined;
  /** How long a failing sequence is made shorter. */
  readonly shrinkMs: number;
  /** Told after each sequence how many operations were done. */
  readonly onDone?: (operations: number) => void;
};
/** Operations of a sequence: long enough for a run to be lost, resumed and fenced, short enough to be read. */
const STEPS = 80;

/** @returns how many operations were done. @throws Error with the steps that led to what is wrong, and how to see it again */
export async function explore(lane: Lane, { seed, operations, path, shrinkMs, focus = [], onDone }: Exploration): Promise<number> {
  let done = 0;
  let failedAt: number | undefined;
  const property = fc.asyncProperty(fc.array(stepOf(focus), { minLength: STEPS / 2, maxLength: STEPS, size: 'max' }), async (steps) => {
    if (failedAt === undefined ? done >= operations : Date.now() > failedAt + shrinkMs) return;
    try {
      done += await runSequence(lane, steps);
      onDone?.(done);
    } catch (error) {
      failedAt ??= Date.now();
      throw error;
    }
  });
  const numRuns = Math.ceil(operations / 20);
  const result = await fc.check(property, { seed, numRuns, endOnFailure: shrinkMs === 0, ...(path === undefined ? {} : { path }) });
  if (!result.failed) return done;
  const again = `MODEL_SEED=${seed} MODEL_PATH=${result.counterexamplePath} npm run model`;
  throw new Error(`After ${done} operations, and ${result.numShrinks} times made shorter. To see it again: ${again}\n${reasonOf(result)}`);
}

const reasonOf = ({ errorInstance }: { errorInstance: unknown }) =>
  errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
