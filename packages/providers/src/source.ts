/** The files of the catalogue before they are checked: read when first asked for, with what they inherit. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/** A catalogue file that cannot be used. The message names the file, the key path and what is allowed there. */
export class CatalogueError extends Error {
  override name = 'CatalogueError';
}

export type Source = {
  readonly file: string;
  /** What the file holds, parsed once. @throws CatalogueError when it is no map of keys */
  readonly content: () => Readonly<Record<string, unknown>>;
  /** The built-in file that this one stands in for. */
  readonly replaced?: Source;
};
/** By the name of the provider. */
export type Sources = Map<string, Source>;

/** Reads nothing but names. @throws CatalogueError for a folder that cannot be read, a bad name, two files of one name */
export function readFolder(folder: string): Sources {
  const files = attempt(folder, () => readdirSync(folder)).filter((file) => /\.ya?ml$/.test(file));
  const sources: Sources = new Map();
  for (const file of files.sort()) {
    const [name, source] = toSource(join(folder, file));
    const other = sources.get(name);
    if (other) throw new CatalogueError(`${source.file}: ${other.file} is the provider ${name} already; rename one of them`);
    sources.set(name, source);
  }
  return sources;
}

/** A folder of files, or one. */
export function readExtra(path: string): Sources {
  return attempt(path, () => statSync(path)).isDirectory() ? readFolder(path) : new Map([toSource(path)]);
}

function toSource(file: string): [string, Source] {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new CatalogueError(`${file}: the file name is the provider's name and may hold a-z, 0-9 and dashes only`);
  }
  let content: Readonly<Record<string, unknown>> | undefined;
  return [name, { file, content: () => (content ??= readContent(file)) }];
}

function readContent(file: string): Readonly<Record<string, unknown>> {
  const content: unknown = attempt(file, () => parse(readFileSync(file, 'utf8')));
  if (!isMap(content)) throw new CatalogueError(`${file}: must be a map of keys, one provider a file`);
  return content;
}

function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CatalogueError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a file says together with what it inherits. @throws CatalogueError for a parent that is none, or leads back */
export function inherit(name: string, source: Source, sources: Sources, seen: readonly Source[] = []): Record<string, unknown> {
  const { extends: parentName, ...own } = source.content();
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
export function merge(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
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
