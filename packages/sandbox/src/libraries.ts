/**
 * The libraries that functions may require and that are too large to be in every sandbox: their texts lie beside the runner (`packages/runner/libraries.mjs`)
 * and are handed over with code that names one. Nobody else pays for them.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LibraryName } from '@bowline/api/protocol';

export type Library = { name: LibraryName; text: Buffer };

/** Bundlers write it so. Naming one in a text or a comment hands it over for nothing, which does no harm. */
const required = /\brequire\(\s*["'](soap|unzipper)["']\s*\)/g;

/** @param runnerPath the built runner. @returns the libraries that a code requires, each once */
export function createLibraries(runnerPath: string): (code: string) => Library[] {
  const texts = new Map<string, Buffer>();
  return (code) => {
    const names = new Set([...code.matchAll(required)].map(([, name]) => name as LibraryName)); // proof: the expression has no others
    return [...names].map((name) => {
      const text = texts.get(name) ?? readFileSync(join(dirname(runnerPath), `${name}.cjs`));
      texts.set(name, text);
      return { name, text };
    });
  };
}
