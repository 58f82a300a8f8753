/** Finds an order of the steps of concurrent operations that explains what each answered and what is stored in the end. */
import { isDeepStrictEqual } from 'node:util';
import { shapeOf } from './snapshot.ts';
import type { State } from './state.ts';

/** An answer that may be anything. */
export const ANY = Symbol('any answer');
/** One transaction of an operation. The last one of an operation returns what it should answer. */
export type Step = (state: State) => unknown;
export type Explained = { readonly states: readonly State[] } | { readonly expected: unknown[]; readonly shape: unknown };

/** Of more that are told apart by nothing yet, the rest is let go. */
const STATES_MAX = 64;

/**
 * @param befores what may have been: of two saves at once nobody knows which was last before somebody reads
 * @param operations for each what may have happened: one of several lists of steps
 * @param answers of the operations, and what is stored now
 */
export function explain(
  befores: readonly State[],
  operations: readonly (readonly (readonly Step[])[])[],
  answers: readonly unknown[],
  stored: unknown,
): Explained {
  const states: State[] = [];
  let nearest: Explained | undefined;
  const search = (state: State, left: readonly (readonly Step[])[], expected: unknown[]): void => {
    if (states.length === STATES_MAX) return;
    if (left.every((steps) => steps.length === 0)) {
      const shape = shapeOf(state);
      const over = { ...state, notes: {} };
      if (!isDeepStrictEqual(shape, stored)) nearest = { expected, shape };
      else if (!states.some((one) => isDeepStrictEqual(one, over))) states.push(over);
      return;
    }
    for (const [index, [step, ...rest]] of left.entries()) {
      if (!step) continue;
      const next = structuredClone(state);
      const answer = step(next);
      const isLast = rest.length === 0;
      const now = isLast ? expected.with(index, answer) : expected;
      if (isLast && answer !== ANY && !isDeepStrictEqual(answer, answers[index])) nearest ??= { expected: now, shape: shapeOf(next) };
      else search(next, left.with(index, rest), now);
    }
  };
  for (const before of befores)
    for (const chosen of choices(operations))
      search(
        before,
        chosen,
        answers.map(() => undefined),
      );
  const [first] = befores;
  return states.length > 0 ? { states } : (nearest ?? { expected: [], shape: first && shapeOf(first) });
}

function choices(operations: readonly (readonly (readonly Step[])[])[]): (readonly Step[])[][] {
  return operations.reduce<(readonly Step[])[][]>(
    (lists, alternatives) => lists.flatMap((list) => alternatives.map((one) => [...list, one])),
    [[]],
  );
}
