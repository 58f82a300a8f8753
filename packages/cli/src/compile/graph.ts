/**
 * What goes into each function: its file and what that imports, types included, as one hash a function. Walked anew by every compile, so that a file
 * that appears, changes or goes changes the hash; nothing of an earlier walk is believed but texts whose stamp is the same (see `sourceOf`).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Entry } from '@bowline/compile/entry';
import { type Scan, scan } from './scan.ts';

export type Inputs = {
  /** Of all that decides the bundle and the definition; undefined where the text does not tell, so that nothing may be remembered. */
  readonly hash: string | undefined;
  /** Of all that decides whether its types hold. */
  readonly typesHash: string | undefined;
  /** Relative to the project, with slashes. */
  readonly files: readonly string[];
  readonly source: string;
};

type Source = Scan & { readonly text: string; readonly hash: string; readonly stamp: string };
/** Texts by path, of compiles before in the same process. */
export type Sources = Map<string, Source>;

/** @throws when a function's file cannot be read */
export const readGraph = (root: string, entries: readonly Entry[], sources: Sources): Map<Entry, Inputs> => {
  const walk = new Walk(realpathSync(root), sources);
  const found = entries.map((entry) => [entry, walk.closure(join(root, entry.file))] as const);
  const shared = walk.ambient(found.flatMap(([, files]) => files));
  return new Map(found.map(([entry, files]) => [entry, walk.inputsOf(entry, files, shared)]));
};

class Walk {
  readonly #root: string;
  readonly #sources: Sources;
  readonly #seen = new Map<string, Source>();
  readonly #next = new Map<string, readonly string[]>();
  readonly #listings = new Map<string, Listing>();
  readonly #real = new Map<string, string>();
  readonly #packages = new Map<string, string>();
  readonly #types = new Map<string, string | undefined>();

  constructor(root: string, sources: Sources) {
    this.#root = root;
    this.#sources = sources;
  }

  /** A linked file is where it leads to, as for the bundler: what it imports is looked for from there. */
  closure(file: string): string[] {
    const first = this.#realOf(file);
    const files = new Set([first]);
    for (const path of files) for (const next of this.#importsOf(path)) files.add(next);
    return [...files];
  }

  /** The files that declare for all others. */
  ambient(files: readonly string[]): string {
    const all = [...new Set(files)].filter((path) => this.#source(path).isAmbient).sort();
    return all.map((path) => `${path} ${this.#source(path).hash}\n`).join('');
  }

  inputsOf(entry: Entry, files: readonly string[], shared: string): Inputs {
    const sources = files.map((path) => this.#source(path));
    const named = files.map((path) => relative(this.#root, path).split(sep).join('/'));
    const source = sources[0]?.text ?? '';
    if (sources.some(({ isOpen }) => isOpen)) return { hash: undefined, typesHash: undefined, files: named, source };
    const lines = named.map((name, at) => `${name} ${sources[at]?.hash}\n`).sort();
    const packages = [...new Set(files.map((path) => this.#packageFiles(dirname(path))))].sort();
    const hash = digest([entry.file, entry.out, ...lines, ...packages]);
    const types = [
      ...new Set(files.flatMap((path, at) => (sources[at]?.packages ?? []).map((name) => this.#typesOf(dirname(path), name)))),
    ];
    const typesHash = types.includes(undefined) ? undefined : digest([hash, shared, ...types.map(String)]);
    return { hash, typesHash, files: named, source };
  }

  #importsOf(path: string): readonly string[] {
    const known = this.#next.get(path);
    if (known) return known;
    const found = this.#source(path).relative.flatMap((specifier) => this.#meant(resolve(dirname(path), specifier)));
    const real = found.map((one) => this.#realOf(one));
    this.#next.set(path, real);
    return real;
  }

  /**
   * Everything a relative import may mean: any file of that name, whatever its ending and letters (some disks make no difference between them), and the
   * index of a folder of that name. Which of them wins does not matter: any that is there counts.
   */
  #meant(path: string): string[] {
    const { files, folders } = this.#listing(dirname(path));
    const name = basename(path).toLowerCase();
    const own = files.get(stemOf(name)) ?? [];
    const inner = folders.has(name) ? this.#listing(path).files : undefined;
    return inner ? [...own, ...(inner.get('index') ?? []), ...(inner.get('package') ?? [])] : [...own];
  }

  /** Folders are listed once: to ask for each file that an import may mean is what a walk would mostly do. */
  #listing(folder: string): Listing {
    const known = this.#listings.get(folder) ?? list(folder);
    this.#listings.set(folder, known);
    return known;
  }

  /** The folder's place is looked up once, the file's own only where it is a link. */
  #realOf(path: string): string {
    const folder = dirname(path);
    const real = this.#real.get(folder) ?? realpathSync.native(folder);
    this.#real.set(folder, real);
    return this.#listing(folder).links.has(basename(path)) ? realpathSync.native(path) : join(real, basename(path));
  }

  #source(path: string): Source {
    const known = this.#seen.get(path) ?? sourceOf(path, this.#sources.get(path));
    this.#seen.set(path, known);
    this.#sources.set(path, known);
    return known;
  }

  /** The bundler reads `sideEffects` and the like from every package.json above a file. */
  #packageFiles(folder: string): string {
    const known = this.#packages.get(folder);
    if (known !== undefined) return known;
    const file = join(folder, 'package.json');
    const own = existsSync(file) ? digest([readFileSync(file, 'utf8')]) : '';
    const above = dirname(folder);
    const all = above === folder ? own : `${own} ${this.#packageFiles(above)}`;
    this.#packages.set(folder, all);
    return all;
  }

  /** An installed package changes with its package.json; a linked one, or one that is not there, may change in any way. */
  #typesOf(folder: string, name: string): string | undefined {
    const key = `${folder}\n${name}`;
    if (!this.#types.has(key)) this.#types.set(key, installed(folder, name));
    return this.#types.get(key);
  }
}

type Listing = {
  /** Paths by what stands before the first dot of the name, in small letters. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Names, in small letters. */
  readonly folders: ReadonlySet<string>;
  /** Names of links to files. */
  readonly links: ReadonlySet<string>;
};

/** Of what is no folder: nothing. */
const list = (folder: string): Listing => {
  const [files, folders, links] = [new Map<string, string[]>(), new Set<string>(), new Set<string>()];
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return { files, folders, links };
  for (const one of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, one.name);
    const what = one.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : one;
    if (what?.isDirectory()) folders.add(one.name.toLowerCase());
    if (!what?.isFile()) continue;
    if (one.isSymbolicLink()) links.add(one.name);
    const stem = stemOf(one.name.toLowerCase());
    const same = files.get(stem);
    if (same) same.push(path);
    else files.set(stem, [path]);
  }
  return { files, folders, links };
};

const stemOf = (name: string): string => name.slice(0, name.indexOf('.') === -1 ? name.length : name.indexOf('.'));

const installed = (folder: string, specifier: string): string | undefined => {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const typed = `@types/${name.replace(/^@/, '').replace('/', '__')}`;
  const texts: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    for (const one of [name, typed]) {
      const file = join(at, 'node_modules', one, 'package.json');
      if (!existsSync(file)) continue;
      if (!realpathSync(file).split(sep).includes('node_modules')) return undefined;
      texts.push(readFileSync(file, 'utf8'));
    }
    if (dirname(at) === at) break;
  }
  return texts.length === 0 ? undefined : digest(texts);
};

/** Within its time a file may change twice and keep its stamp, so a young stamp proves nothing. */
const settledMs = 2_000;

const sourceOf = (path: string, before: Source | undefined): Source => {
  const stats = statSync(path);
  const stamp = stampOf(stats);
  if (before?.stamp === stamp) return before;
  const bytes = readFileSync(path);
  const hash = digest([bytes]);
  const settled = Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > settledMs;
  if (before?.hash === hash) return { ...before, stamp: settled ? stamp : '' };
  const text = bytes.toString('utf8');
  return { ...scan(text), text, hash, stamp: settled ? stamp : '' };
};

export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'>): string =>
  `${size} ${mtimeMs} ${ctimeMs} ${ino}`;

export const digest = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 40);
};
