/** A function after compiling: what it declares, its bundle, and its models' schemas (on-event functions have none). */
import type { Definition } from './definition.ts';
import type { ModelSchemas } from './json-schema.ts';

export type Compiled = { definition: Definition; js: string; schemas: ModelSchemas | undefined };
