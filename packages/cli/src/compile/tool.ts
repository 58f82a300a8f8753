/** What compiles, as one word: with any other version of it nothing that was remembered counts. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { toolbox } from '../toolbox.ts';

let known: string | undefined;

/** Our own code by the stamps of its files, because a checkout changes without a new version; what it stands on by version. */
export const toolFingerprint = (): string => {
  known ??= fingerprint();
  return known;
};

const fingerprint = (): string => {
  const hash = createHash('sha256').update(`${process.versions.node.split('.')[0]} ${toolbox.version}\n`);
  for (const name of ['esbuild', 'typescript', 'zod', '@types/node', 'acorn']) hash.update(`${name} ${toolbox.versionOf(name)}\n`);
  for (const folder of toolbox.ownFolders()) hash.update(stampsOf(folder));
  return hash.digest('hex').slice(0, 32);
};

const stampsOf = (folder: string): string =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => {
      const { size, mtimeMs } = statSync(join(parentPath, name));
      return `${relative(folder, parentPath)} ${name} ${size} ${mtimeMs}\n`;
    })
    .sort()
    .join('');
