/** What is right in each file but not together: two functions, models or endpoints of one name in an integration. */

import type { Definition } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { generatedName } from '@bowline/compile/json-schema';
import { createLocator } from '@bowline/compile/locate';

export const findConflicts = (definitions: readonly Definition[]): Diagnostic[] => [
  ...duplicates(definitions, 'duplicate_function', undefined, ({ kind, entry }) => [`${kind} ${entry.name}`]),
  ...duplicates(definitions, 'duplicate_model', 'models', modelsOf),
  ...duplicates(definitions, 'duplicate_endpoint', 'endpoint', endpointsOf),
];

/** A sync and an action may share a name: their identity is integration, kind and name. */
const duplicates = (
  definitions: readonly Definition[],
  code: string,
  option: string | undefined,
  keysOf: (definition: Definition) => string[],
): Diagnostic[] => {
  const owners = new Map<string, string>();
  return definitions.flatMap((definition) =>
    keysOf(definition).flatMap((key): Diagnostic[] => {
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

const modelsOf = (definition: Definition): string[] => {
  if (definition.kind !== 'sync') return [];
  return [...Object.keys(definition.models), ...(definition.metadata ? [generatedName('SyncMetadata', definition)] : [])];
};

const endpointsOf = (definition: Definition): string[] => {
  if (definition.kind === 'onEvent') return [];
  const endpoints = definition.kind === 'sync' ? definition.endpoints : definition.endpoint ? [definition.endpoint] : [];
  return endpoints.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
};
