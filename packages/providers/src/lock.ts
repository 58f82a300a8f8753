/**
 * What every entry says, as a line of its name and a hash: a change to one that others extend shows which of them it changes. The order of keys
 * counts, since forms show fields in it.
 */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Provider } from './provider.ts';

export const lockFile = fileURLToPath(new URL('../catalog.lock', import.meta.url));

export function lockText(providers: readonly Provider[]): string {
  return providers.map((provider) => `${provider.name} ${hash(provider)}\n`).join('');
}

const hash = (provider: Provider) => createHash('sha256').update(JSON.stringify(provider)).digest('hex').slice(0, 16);

/** Sentences for people, by name. */
export function lockChanges(before: string, after: string): string[] {
  const [old, fresh] = [lines(before), lines(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => {
    if (old.get(name) === fresh.get(name)) return [];
    return [`${name} ${!old.has(name) ? 'is new' : !fresh.has(name) ? 'is gone' : 'changed'}`];
  });
}

const lines = (text: string) =>
  new Map(
    text
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [line.split(' ', 2)]))
      .map(([name = '', sum = '']) => [name, sum]),
  );
