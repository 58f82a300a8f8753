/**
 * What is remembered of functions that compiled: `.nango/cache/functions.jsonl`, a line a function, behind a line that names the tool.
 * Each line carries its own checksum: what does not fit is as if it were not there. Written beside and renamed, so that of two compiles at once
 * the later one's file stands whole; what it lacks is compiled again.
 */
import { readFileSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Declared } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { ModelSchemas } from '@bowline/compile/json-schema';
import { digest } from './graph.ts';
import { toolFingerprint } from './tool.ts';
import { replaceFile } from './write.ts';

export type Kept = {
  /** Of all that went into bundle, definition and warnings. */
  readonly key: string;
  /** Of all that its types were found right with; '' while they were not looked at. */
  readonly typesKey: string;
  readonly jsHash: string;
  /** What `build/<out>.cjs` looked like when it last held the bundle. */
  readonly stamp: string;
  readonly definition: Declared;
  readonly schemas: ModelSchemas | undefined;
  readonly warnings: readonly Diagnostic[];
};
/** By the function's file. */
export type Cache = Map<string, Kept>;

const fileOf = (root: string): string => join(root, '.nango', 'cache', 'functions.jsonl');

export const readCache = (root: string): Cache => {
  const [head, ...lines] = textOf(fileOf(root)).split('\n');
  if (head !== toolFingerprint()) return new Map();
  const found = lines.map(parse);
  const cache: Cache = new Map(found.filter((one) => one !== undefined));
  // Of a file that is damaged the rest is written anew.
  if (!found.includes(undefined)) onDisk.set(cache, { kept: new Map(cache), lines: lines.length });
  return cache;
};

/** What of a cache was last read or written, in how many lines. */
const onDisk = new WeakMap<Cache, { kept: Cache; lines: number }>();

/**
 * A folder that cannot be written to only makes the next compile slower. What is on disk as it is in memory is not written again: a few functions that changed
 * are put behind the others, and the later line counts, until there are twice as many lines as functions.
 */
export const writeCache = async (root: string, cache: Cache): Promise<void> => {
  const before = onDisk.get(cache);
  const changed = [...cache].filter(([name, kept]) => before?.kept.get(name) !== kept);
  const isSmaller = before !== undefined && [...before.kept.keys()].some((name) => !cache.has(name));
  if (before && changed.length === 0 && !isSmaller) return;
  const total = (before?.lines ?? 0) + changed.length;
  const behind = before !== undefined && !isSmaller && total <= 2 * cache.size;
  onDisk.set(cache, { kept: new Map(cache), lines: behind ? total : cache.size });
  const lines = (behind ? changed : [...cache]).map(([name, kept]) => lineOf(name, kept));
  try {
    await mkdir(dirname(fileOf(root)), { recursive: true });
    if (behind) await appendFile(fileOf(root), lines.map((line) => `\n${line}`).join(''));
    else await replaceFile(fileOf(root), [toolFingerprint(), ...lines].join('\n'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
};

/** Of what did not change, made once in a process. */
const written = new WeakMap<Kept, string>();

const lineOf = (name: string, kept: Kept): string => {
  const line = written.get(kept) ?? signed(JSON.stringify([name, kept]));
  written.set(kept, line);
  return line;
};

/** With the tool in it: another one may have put its own file in place meanwhile. */
const signed = (json: string): string => `${digest([toolFingerprint(), json])} ${json}`;

const parse = (line: string): readonly [string, Kept] | undefined => {
  const json = line.slice(line.indexOf(' ') + 1);
  if (line !== signed(json)) return undefined;
  const [name, kept]: readonly [string, Kept] = JSON.parse(json); // its checksum says that it was written by this version
  written.set(kept, line);
  return [name, kept];
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
