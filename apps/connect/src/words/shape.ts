/** What every language must have: the keys of English, so that one without a key does not compile. */
import type { en } from './en.ts';

/** Texts and functions from texts to texts, at the keys of English. */
type Shape<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer A) => string
      ? (...given: A) => string
      : Shape<T[K]>;
};
export type Words = Shape<typeof en>;
