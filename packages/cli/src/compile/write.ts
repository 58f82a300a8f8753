/** Files that are never seen half-written, and are left alone when they hold what they should: watchers and `make` go by their time. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Beside it and renamed: a reader sees the old text or the new one. */
export const replaceFile = async (file: string, text: string | Buffer): Promise<void> => {
  const beside = `${file}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(beside, text);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
};

/** @returns whether it had to be written */
export const writeChanged = async (file: string, text: string): Promise<boolean> => {
  const there = await readFile(file, 'utf8').catch(() => undefined);
  if (there === text) return false;
  await replaceFile(file, text);
  return true;
};
