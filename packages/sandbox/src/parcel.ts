/**
 * What is handed over with a run: its code, and of the libraries that functions may require and that are too large to be in every sandbox those it names.
 * Their texts lie beside the runner (`packages/runner/libraries.mjs`); nobody else pays for them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LibraryName } from '@bowline/api/protocol';
import { LRUCache } from 'lru-cache';

export type Parcel = {
  /** Names the code: two that differ run in processes of their own. */
  readonly hash: string;
  /** The code, then each library. */
  readonly body: Buffer;
  /** How many bytes of it each library is; absent where there is none. */
  readonly libraries?: Partial<Record<LibraryName, number>>;
};

/** Bundlers write it so. Naming one in a text or a comment hands it over for nothing, which does no harm. */
const required = /\brequire\(\s*["'](soap|unzipper)["']\s*\)/g;
/** Runs come by the hundred of few functions, and to hash and search a bundle of 100 KB takes as long as a short one runs. */
const KEPT_MAX = 16;

/** @param runnerPath the built runner */
export function createParcels(runnerPath: string): (code: string) => Parcel {
  const texts = new Map<string, Buffer>();
  const textOf = (name: LibraryName): Buffer => {
    const text = texts.get(name) ?? readFileSync(join(dirname(runnerPath), `${name}.cjs`));
    texts.set(name, text);
    return text;
  };
  const pack = (code: string): Parcel => {
    const names = [...new Set([...code.matchAll(required)].map(([, name]) => name as LibraryName))]; // proof: the expression has no others
    const body = Buffer.concat([Buffer.from(code), ...names.map(textOf)]);
    const lengths = Object.fromEntries(names.map((name) => [name, textOf(name).byteLength]));
    const hash = createHash('sha256').update(code).digest('base64');
    return { hash, body, ...(names.length > 0 ? { libraries: lengths } : {}) };
  };
  const kept = new LRUCache<string, Parcel>({ max: KEPT_MAX });
  return (code) => {
    const parcel = kept.get(code) ?? pack(code);
    kept.set(code, parcel);
    return parcel;
  };
}
