/** A function after compiling: what it declares, its bundle, and its models' schemas (on-event functions have none). */
import type { Definition } from '@bowline/compile/definition';
import type { ModelSchemas } from '@bowline/compile/json-schema';

export type Compiled = { definition: Definition; js: string; schemas: ModelSchemas | undefined };
