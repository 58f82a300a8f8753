/**
 * The catalogue: every provider of a folder of YAML files, read once at start, plus those the operator adds.
 * A file is one provider and its name is the provider's; `extends: <name>` starts from another one.
 * An operator's file may carry the name of a built-in provider: it replaces it, and may extend it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';
import { checkTemplates } from './check.ts';
import { type Provider, providerDefinition } from './provider.ts';

export type Catalogue = {
  readonly get: (name: string) => Provider | undefined;
  /** By name. */
  readonly list: () => Provider[];
};

/** A catalogue file that cannot be used. The message names the file, the key path and what is allowed there. */
export class CatalogueError extends Error {
  override name = 'CatalogueError';
}

/**
 * Reads the catalogue.
 * @param options.folder the built-in files; this package's `catalog/` when absent
 * @param options.extra files or folders of further providers in the same form, later ones over earlier
 * @throws CatalogueError when a file cannot be read or does not fit the schema
 */
export function loadCatalogue(options: { readonly folder?: string; readonly extra?: string | readonly string[] } = {}): Catalogue {
  const sources = readFolder(options.folder ?? fileURLToPath(new URL('../catalog', import.meta.url)));
  for (const [name, added] of [options.extra ?? []].flat().flatMap((path) => [...readExtra(path)])) {
    const replaced = sources.get(name);
    sources.set(name, replaced ? { ...added, replaced } : added);
  }
  const providers = new Map(
    [...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, source]) => [name, check(name, source, sources)]),
  );
  return { get: (name) => providers.get(name), list: () => [...providers.values()] };
}

type Source = { readonly file: string; readonly content: Readonly<Record<string, unknown>>; readonly replaced?: Source };
type Sources = Map<string, Source>;

function readFolder(folder: string): Sources {
  const files = attempt(folder, () => readdirSync(folder)).filter((file) => /\.ya?ml$/.test(file));
  return new Map(files.sort().map((file) => readSource(join(folder, file))));
}

function readExtra(path: string): Sources {
  return attempt(path, () => statSync(path)).isDirectory() ? readFolder(path) : new Map([readSource(path)]);
}

function readSource(file: string): [string, Source] {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new CatalogueError(`${file}: the file name is the provider's name and may hold a-z, 0-9 and dashes only`);
  }
  const content: unknown = attempt(file, () => parse(readFileSync(file, 'utf8')));
  if (!isMap(content)) throw new CatalogueError(`${file}: must be a map of keys, one provider a file`);
  return [name, { file, content }];
}

function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CatalogueError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function check(name: string, source: Source, sources: Sources): Provider {
  const parsed = providerDefinition.safeParse(inherit(name, source, sources, []));
  if (!parsed.success) throw new CatalogueError(parsed.error.issues.map((issue) => `${source.file}: ${explain(issue)}`).join('\n'));
  const wrong = checkTemplates(parsed.data);
  if (wrong.length > 0) throw new CatalogueError(wrong.map((message) => `${source.file}: ${message}`).join('\n'));
  return { ...parsed.data, name };
}

function inherit(name: string, source: Source, sources: Sources, seen: readonly Source[]): Record<string, unknown> {
  const { extends: parentName, ...own } = source.content;
  if (parentName === undefined) return own;
  const parent = parentName === name ? source.replaced : typeof parentName === 'string' ? sources.get(parentName) : undefined;
  if (!parent || typeof parentName !== 'string') {
    throw new CatalogueError(
      `${source.file}: extends: ${String(parentName)} is not a provider; there are ${[...sources.keys()].join(', ')}`,
    );
  }
  if (seen.includes(parent)) throw new CatalogueError(`${source.file}: extends: ${parentName} leads back to ${name}`);
  return merge(inherit(parentName, parent, sources, [...seen, source]), own);
}

/** Maps merge key by key, everything else is replaced, and `null` takes an inherited key away. */
function merge(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isMap(value) && isMap(below) ? merge(below, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function explain(issue: z.core.$ZodIssue): string {
  return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`;
}
