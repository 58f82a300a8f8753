/**
 * What `require` answers inside a function: a handful of names, everything else was bundled by the author's compiler or is refused.
 */
import * as z from 'zod';
import { ActionError } from './errors.ts';
import type { Builtins } from './globals.ts';
import type { Reuse } from './reuse.ts';
import { warmZod } from './warm.ts';

type Definition = Record<string, unknown>;

/** The discriminator comes first, so an author's own `type` would win, as in the published toolchain. */
const authoring = {
  createSync: (definition: Definition) => ({ type: 'sync', ...definition }),
  createAction: (definition: Definition) => ({ type: 'action', ...definition }),
  createOnEvent: (definition: Definition) => ({ type: 'onEvent', ...definition }),
  createFunction: (definition: Definition) => ({ type: 'function', ...definition }),
  ActionError,
};

const builtins = new Set(['url', 'crypto', 'buffer']);

/** @param library what came with this run, undefined for what did not */
export function createRequire(builtin: Pick<Builtins, 'load'>, library: (name: string) => unknown): (name: string) => unknown {
  return (name) => {
    if (name === 'zod' || name === 'zod/v4') return z;
    if (name === 'nango' || name === 'bowline') return authoring;
    const bare = name.replace(/^node:/, '');
    if (builtins.has(bare)) return builtin.load(`node:${bare}`);
    const found = library(bare);
    if (found !== undefined) return found;
    if (name === 'botbuilder')
      throw new Error("Module 'botbuilder' is not provided: it opens connections of its own. Call its REST API with nango.post.");
    throw new Error(`Module '${name}' is not allowed`);
  };
}

/** What authored code can get hold of through `require`. Zod's namespaces are getters of our own bundle, so reading them is safe. */
export function moduleRoots({ atEnd }: Pick<Reuse, 'atEnd'>): unknown[] {
  warmZod();
  atEnd(forgettingMap(z.globalRegistry, '_map'));
  const roots: unknown[] = [authoring];
  const read = (space: object, depth: number) => {
    if (isNamespace(space)) Object.freeze(space);
    for (const value of [space, ...Object.values(space)]) {
      roots.push(value);
      if (typeof value === 'function') freezeMaker(value);
      // Not frozen: zod sets their `lastIndex`, which is compared.
      else if (value instanceof RegExp) Object.preventExtensions(value);
      else if (depth > 0 && typeof value === 'object' && value !== null) read(value, depth - 1);
    }
  };
  read(z, 2);
  return roots;
}

/** A weak map keeps what it has of an object that outlives the run, and cannot be looked through: there is another one for each run. */
function forgettingMap(owner: object, key: string): () => void {
  let map: unknown = new WeakMap();
  const set = (other: unknown) => {
    map = other;
  };
  Object.defineProperty(owner, key, { get: () => map, set, configurable: true, enumerable: true });
  return () => set(new WeakMap());
}

/** Made by our bundler: nothing but getters. Zod's settings and patterns are among its exports, and change. */
function isNamespace(space: object): boolean {
  const exported = Object.values(Object.getOwnPropertyDescriptors(space));
  return exported.length > 0 && exported.every(({ get }) => get !== undefined);
}

/**
 * Zod's makers (`string`, `object`, …) are called and never inherited from; frozen, they need not be compared after each run. Its classes (those with
 * `init`) are completed by zod with the first schema of each, and frozen when `warm.ts` made one: with the namespaces 5,900 of 9,200 properties
 * less to compare, which took 1.2 ms of 2. A class that was not completed stays as it is, or the first schema of its kind would fail; so does
 * `ZodType`, to whose prototype libraries add methods for every schema.
 */
function freezeMaker(maker: { readonly name: string }): void {
  const prototype: unknown = Reflect.get(maker, 'prototype');
  if (typeof prototype !== 'object' || prototype === null) return;
  const init: unknown = Object.hasOwn(maker, 'init') ? Reflect.get(maker, 'init') : undefined;
  if (typeof init === 'function') freezeMaker(init);
  // Checks have nothing to be completed with.
  const isPlain = init === undefined || /^\$ZodCheck/.test(maker.name);
  const complete = isPlain ? Reflect.ownKeys(prototype).length <= 1 : Object.hasOwn(prototype, '~standard');
  if (!complete) return;
  Object.freeze(maker);
  Object.freeze(prototype);
}
