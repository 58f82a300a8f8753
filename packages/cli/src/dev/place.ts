/**
 * The folder of a local platform, and the note in it that says where it runs and with which key: a second `bowline dev` finds the first by it.
 * The note is as secret as the folder, which holds the encryption key: nobody else may read it.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const noteSchema = z.object({
  url: z.string(),
  apiKey: z.string(),
  environmentUuid: z.string(),
  admin: z.object({ email: z.string(), password: z.string().optional() }),
});
export type Note = z.infer<typeof noteSchema>;

const noteFile = 'dev.json';

/** Version control passes by whatever lies below a folder that ignores itself. The server's own user must be able to pass through. */
export const makePlace = (root: string, folder: string): void => {
  const own = join(root, '.bowline');
  if (folder.startsWith(own)) {
    if (mkdirSync(own, { recursive: true }) !== undefined) chmodSync(own, 0o711);
    if (!existsSync(join(own, '.gitignore'))) writeFileSync(join(own, '.gitignore'), '*\n');
  }
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o711);
};

export const writeNote = (folder: string, note: Note): void => {
  const path = join(folder, noteFile);
  writeFileSync(`${path}.new`, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** What the last one here was, whether it runs or not. */
export const readNote = (folder: string): Note | undefined => {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(join(folder, noteFile), 'utf8')));
  } catch {
    return undefined;
  }
};
