/** What an evaluated bundle declares, as plain data. It runs in the sandbox beside the author's code, so whoever reads the answer must not trust it. */
import { readDefinition } from './definition.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Entry } from './entry.ts';
import { type Flow, flowOf } from './flow.ts';
import { schemasOf, type ToJsonSchema } from './json-schema.ts';

export type Wanted = { entry: Entry; source: string };
export type Described = { problems: Diagnostic[]; flow?: Flow };

export const describe = ({ entry, source }: Wanted, exported: unknown, toJsonSchema: ToJsonSchema): Described => {
  const { definition, problems } = readDefinition(entry, source, exported);
  if (!definition) return { problems };
  if (definition.kind === 'onEvent') {
    const message = 'An on-event function is deployed with its project, by the bowline command.';
    return { problems: [...problems, { severity: 'error', code: 'unsupported_type', message, file: entry.file }] };
  }
  return { problems, flow: flowOf(definition, schemasOf(definition, toJsonSchema)) };
};
