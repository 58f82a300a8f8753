/** The folder `build/`: one bundle a function. It is also where bundles that did not change are read from, so nothing is kept twice. */
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '@bowline/compile/entry';
import { exitCodes, Failure } from '../failure.ts';
import type { Kept } from './cache.ts';
import { digest, stampOf } from './graph.ts';
import { writeChanged } from './write.ts';

const fileOf = (root: string, { out }: Entry): string => join(root, 'build', `${out}.cjs`);

/** '' where there is no such file. */
const stampOfBuilt = (root: string, entry: Entry): string => {
  const stats = statSync(fileOf(root, entry), { throwIfNoEntry: false });
  return stats ? stampOf(stats) : '';
};

/** The stamp of the file if it holds the bundle that is remembered, else undefined. It is read only when its stamp is another. */
export const lookAtBuilt = (root: string, entry: Entry, { stamp, jsHash }: Kept): string | undefined => {
  const now = stampOfBuilt(root, entry);
  if (now === '') return undefined;
  return now === stamp || digest([readFileSync(fileOf(root, entry))]) === jsHash ? now : undefined;
};

/** @throws when it was changed since it was looked at */
export const readBuilt = (root: string, entry: Entry, jsHash: string): string => {
  const js = readFileSync(fileOf(root, entry), 'utf8');
  if (digest([js]) === jsHash) return js;
  throw new Failure(exitCodes.compile, `build/${entry.out}.cjs was changed by something else. Delete build/ and compile again.`);
};

const atOnceMax = 64;

/** @returns the stamps, in the same order */
export const writeBuilt = async (root: string, bundles: readonly { entry: Entry; js: string }[]): Promise<string[]> => {
  await mkdir(join(root, 'build'), { recursive: true });
  const stamps: string[] = [];
  for (let at = 0; at < bundles.length; at += atOnceMax) {
    const some = bundles.slice(at, at + atOnceMax);
    await Promise.all(some.map(({ entry, js }) => writeChanged(fileOf(root, entry), js)));
    stamps.push(...some.map(({ entry }) => stampOfBuilt(root, entry)));
  }
  return stamps;
};
