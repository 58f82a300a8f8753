/**
 * The catalogue as `npm run build` leaves it: checked, inheritance resolved, in one JSON file. Reading and checking 600 YAML files takes a
 * second at every start, this takes milliseconds. It counts only while it is newer than what it was made from.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Provider } from './provider.ts';

export type Compiled = {
  readonly providers: readonly Provider[];
  /** Which entry each one extends: who replaces an entry changes those below it too. */
  readonly parents: Readonly<Record<string, string>>;
};

export const compiledFile = fileURLToPath(new URL('../dist/catalogue.json', import.meta.url));
const rules = fileURLToPath(new URL('.', import.meta.url));

/** @returns undefined when there is none, or a file was added, taken away or changed since; never throws */
export function readCompiled(folder: string, file: string): Compiled | undefined {
  try {
    const made = statSync(file).mtimeMs;
    if (newest(folder) > made || newest(rules) > made) return undefined;
    const compiled: unknown = JSON.parse(readFileSync(file, 'latin1'));
    return isCompiled(compiled) ? compiled : undefined;
  } catch {
    return undefined;
  }
}

/** Only what is as new as a start of reading that was before `made` counts as known: what changes while it is read is read again. */
export function writeCompiled(compiled: Compiled, file: string, made: Date): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, ascii(JSON.stringify(compiled)));
  utimesSync(`${file}.${process.pid}`, made, made);
  renameSync(`${file}.${process.pid}`, file); // whoever reads it meanwhile finds the old one or the new one
}

/** A text of single bytes is read and parsed in half the time. */
const ascii = (json: string) => json.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A folder changes with the names in it, a file with its text. */
function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  const below = readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs,
  );
  return below.reduce((latest, time) => Math.max(latest, time), statSync(folder).mtimeMs);
}

/** It is our own build's: whether it is whole is all there is to ask. */
function isCompiled(value: unknown): value is Compiled {
  return typeof value === 'object' && value !== null && 'providers' in value && 'parents' in value;
}
