/** Finds an order of the steps of concurrent operations that explains what each answered and what is stored in the end. */
import { isDeepStrictEqual } from 'node:util';
import { shapeOf } from './snapshot.ts';
import type { State } from './state.ts';

/** An answer that may be anything. */
export const ANY = Symbol('any answer');
/** One transaction of an operation. The last one of an operation returns what it should answer. */
export type Step = (state: State) => unknown;
export type Explained = { readonly state: State } | { readonly expected: unknown[]; readonly shape: unknown };

/**
 * @param operations for each what may have happened: one of several lists of steps
 * @param answers of the operations, and what is stored now
 */
export function explain(
  before: State,
  operations: readonly (readonly (readonly Step[])[])[],
  answers: readonly unknown[],
  stored: unknown,
): Explained {
  let nearest: Explained | undefined;
  const search = (state: State, left: readonly (readonly Step[])[], expected: unknown[]): State | undefined => {
    if (left.every((steps) => steps.length === 0)) {
      const shape = shapeOf(state);
      if (isDeepStrictEqual(shape, stored)) return state;
      nearest = { expected, shape };
      return undefined;
    }
    for (const [index, [step, ...rest]] of left.entries()) {
      if (!step) continue;
      const next = structuredClone(state);
      const answer = step(next);
      const isLast = rest.length === 0;
      const now = isLast ? expected.with(index, answer) : expected;
      if (isLast && answer !== ANY && !isDeepStrictEqual(answer, answers[index])) {
        nearest ??= { expected: now, shape: shapeOf(next) };
        continue;
      }
      const found = search(next, left.with(index, rest), now);
      if (found) return found;
    }
    return undefined;
  };
  for (const chosen of choices(operations)) {
    const state = search(
      { ...before, notes: {} },
      chosen,
      answers.map(() => undefined),
    );
    if (state) return { state };
  }
  return nearest ?? { expected: [], shape: shapeOf(before) };
}

function choices(operations: readonly (readonly (readonly Step[])[])[]): (readonly Step[])[][] {
  return operations.reduce<(readonly Step[])[][]>(
    (lists, alternatives) => lists.flatMap((list) => alternatives.map((one) => [...list, one])),
    [[]],
  );
}
