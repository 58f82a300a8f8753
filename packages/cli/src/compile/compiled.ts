/** A function after compiling: what it declares, its bundle, and its models' schemas (on-event functions have none). */
import type { Declared } from '@bowline/compile/definition';
import type { ModelSchemas } from '@bowline/compile/json-schema';

export type Compiled = {
  readonly definition: Declared;
  /** Read from `build/` when it is asked for, where the function has not changed since. */
  readonly js: string;
  readonly schemas: ModelSchemas | undefined;
};
