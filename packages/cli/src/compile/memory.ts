/** What one compile leaves to the next: on disk for the next command, and in the process of whoever compiles again and again. */
import { type Cache, readCache } from './cache.ts';
import type { Sources } from './graph.ts';

export type Memory = {
  readonly cache: Cache;
  readonly sources: Sources;
  /** Bundles that are not in `build/` yet, because something else failed; by the function's file. */
  readonly unwritten: Map<string, string>;
  readonly isKept: boolean;
};

export const remembered = (root: string): Memory => ({ cache: readCache(root), sources: new Map(), unwritten: new Map(), isKept: true });
export const forgetful = (): Memory => ({ cache: new Map(), sources: new Map(), unwritten: new Map(), isKept: false });
