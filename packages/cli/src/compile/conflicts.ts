/** What is right in each file but not together: two functions, models or endpoints of one name in an integration. */

import type { Diagnostic } from '@bowline/compile/diagnostic';
import { createLocator } from '@bowline/compile/locate';
import type { Compiled } from './compiled.ts';

export const findConflicts = (definitions: readonly Compiled[]): Diagnostic[] => [
  ...duplicates(definitions, 'duplicate_function', undefined, ({ definition: { kind, entry } }) => [`${kind} ${entry.name}`]),
  ...duplicates(definitions, 'duplicate_model', 'models', modelsOf),
  ...duplicates(definitions, 'duplicate_endpoint', 'endpoint', endpointsOf),
];

/** A sync and an action may share a name: their identity is integration, kind and name. */
const duplicates = (
  definitions: readonly Compiled[],
  code: string,
  option: string | undefined,
  keysOf: (compiled: Compiled) => string[],
): Diagnostic[] => {
  const owners = new Map<string, string>();
  return definitions.flatMap((compiled) =>
    keysOf(compiled).flatMap((key): Diagnostic[] => {
      const { definition } = compiled;
      const { integration, file } = definition.entry;
      const owner = owners.get(`${integration}\n${key}`);
      owners.set(`${integration}\n${key}`, owner ?? file);
      if (owner === undefined) return [];
      const what = code.replace('duplicate_', '');
      const message = `The ${what} "${key}" of ${integration} is already declared in ${owner}. Rename one of them.`;
      return [{ severity: 'error', code, message, ...createLocator(file, definition.source)(option) }];
    }),
  );
};

const modelsOf = ({ definition, schemas }: Compiled): string[] =>
  definition.kind === 'sync' && schemas ? [...schemas.models, ...(schemas.input === undefined ? [] : [schemas.input])] : [];

const endpointsOf = ({ definition }: Compiled): string[] => {
  if (definition.kind === 'onEvent') return [];
  const endpoints = definition.kind === 'sync' ? definition.endpoints : definition.endpoint ? [definition.endpoint] : [];
  return endpoints.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
};
