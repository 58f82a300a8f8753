/** `bowline init`: the smallest project that compiles. Never overwrites a file. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { exitCodes, Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { starterFiles } from './starter.ts';

export const initCommand = async (root: string, cwd: string, terminal: Terminal): Promise<void> => {
  const files = Object.entries(starterFiles);
  const present = files.filter(([name]) => existsSync(join(root, name))).map(([name]) => name);
  if (present.length > 0)
    throw new Failure(exitCodes.usage, `${root} already holds ${present.join(', ')}. Choose another folder: bowline init <path>.`);
  for (const [name, text] of files) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
    terminal.print(`  ${terminal.colours.green('+')} ${name}`);
  }
  const folder = relative(cwd, root);
  terminal.print(`\nNext:\n  bowline compile${folder ? ` --cwd ${folder}` : ''}\n  bowline deploy dev${folder ? ` --cwd ${folder}` : ''}`);
  terminal.result({ ok: true, path: root, files: files.map(([name]) => name) });
};
