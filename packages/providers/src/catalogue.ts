/**
 * The catalogue: every provider of a folder of YAML files, read once at start, plus those the operator adds.
 * A file is one provider and its name is the provider's; `extends: <name>` starts from another one.
 * An operator's file may carry the name of a built-in provider: it replaces it, and may extend it.
 */
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { checkTemplates } from './check.ts';
import { type Compiled, compiledFile, readCompiled } from './compiled.ts';
import { type Provider, providerDefinition } from './provider.ts';
import { CatalogueError, inherit, readExtra, readFolder, type Sources } from './source.ts';

export type Catalogue = {
  readonly get: (name: string) => Provider | undefined;
  /** By name. */
  readonly list: () => Provider[];
};

/** The built-in files. */
export const builtInFolder = fileURLToPath(new URL('../catalog', import.meta.url));

type Options = {
  readonly folder?: string;
  readonly extra?: string | readonly string[];
  /** The compiled form of the folder, used while it is current; none when the folder is another than ours. */
  readonly compiled?: string;
};

/**
 * Reads the catalogue.
 * @param options.folder the built-in files; this package's `catalog/` when absent
 * @param options.extra files or folders of further providers in the same form, later ones over earlier
 * @throws CatalogueError when a file cannot be read or does not fit the schema
 */
export function loadCatalogue({ folder, extra = [], compiled = folder ? undefined : compiledFile }: Options = {}): Catalogue {
  const sources = readFolder(folder ?? builtInFolder);
  const known = (compiled && readCompiled(folder ?? builtInFolder, compiled)) || { providers: [], parents: {} };
  const added = new Set<string>();
  for (const [name, source] of [extra].flat().flatMap((path) => [...readExtra(path)])) {
    const replaced = sources.get(name);
    sources.set(name, replaced ? { ...source, replaced } : source);
    added.add(name);
  }
  const ready = new Map(known.providers.filter(({ name }) => !comesFrom(name, added, known)).map((provider) => [provider.name, provider]));
  const providers = new Map([...sources.keys()].sort().map((name) => [name, ready.get(name) ?? readProvider(name, sources)]));
  return { get: (name) => providers.get(name), list: () => [...providers.values()] };
}

/** Whether an entry, or one that it extends, is among those. */
function comesFrom(name: string, those: ReadonlySet<string>, { parents }: Compiled): boolean {
  for (let at: string | undefined = name; at !== undefined; at = parents[at]) if (those.has(at)) return true;
  return false;
}

/** One provider of those, with what it inherits. @throws CatalogueError when it does not fit the schema */
export function readProvider(name: string, sources: Sources): Provider {
  const source = sources.get(name);
  if (!source) throw new CatalogueError(`${name}: is not a provider; there are ${[...sources.keys()].join(', ')}`);
  const parsed = providerDefinition.safeParse(inherit(name, source, sources));
  if (!parsed.success) throw new CatalogueError(parsed.error.issues.map((issue) => `${source.file}: ${explain(issue)}`).join('\n'));
  const wrong = checkTemplates(parsed.data);
  if (wrong.length > 0) throw new CatalogueError(wrong.map(({ path, message }) => `${source.file}: ${path}: ${message}`).join('\n'));
  return { ...parsed.data, name };
}

function explain(issue: z.core.$ZodIssue): string {
  return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`;
}
