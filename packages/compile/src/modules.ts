/** The modules a function may import, apart from its own files. One list for the type-checker, the bundler and the evaluation. */

/** What authors import the `create*` calls and types from. Erased when bundling: nothing of these exists at run time. */
export const authoringModules = ['bowline', 'nango', '@bowline/functions', '@nangohq/runner-sdk'] as const;

/** What the sandbox provides at run time. */
export const runtimeModules = ['zod', 'crypto', 'node:crypto', 'url', 'node:url', 'unzipper', 'soap'] as const;

export const isAuthoringModule = (name: string): boolean => authoringModules.some((module) => module === name);
export const isRuntimeModule = (name: string): boolean => runtimeModules.some((module) => module === name);

/** Why an import is refused, and what to write instead. */
export const disallowedImport = (name: string): string => {
  if (name === 'nango/experimental') return `'${name}' is not supported: use createSync, createAction or createOnEvent.`;
  if (name === 'nango/test') return `'${name}' is for tests: a function cannot import it.`;
  if (name === 'botbuilder')
    return `'${name}' is not provided to functions: it opens connections of its own. Call its REST API with nango.post.`;
  if (/^zod\//.test(name)) return `'${name}' is not available to functions: import { z } from 'zod'.`;
  const allowed = runtimeModules.filter((module) => !module.startsWith('node:')).join(', ');
  return `'${name}' is not available to functions: they run in a sandbox without files, network and packages. Available: ${allowed}, and your own files. For HTTP use nango.get, nango.post and so on; for types alone write \`import type\`.`;
};
