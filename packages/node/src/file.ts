/** `@bowline/node/file`: cursors in files, for one process on one machine. Needs the file system of Node, Bun or Deno. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CursorStore } from './cursor-store.ts';

/**
 * A folder with one small file a stream. A file is replaced whole and flushed, so a crash leaves the old cursor or the new one.
 *
 * @example
 * import { fileCursors } from '@bowline/node/file';
 * await client.consume({ ...issues, store: fileCursors('.cursors') }, async (page) => void index(page.records));
 */
export function fileCursors(folder: string): Required<CursorStore> {
  // A connection id may hold what no file name may, and be longer than one.
  const fileOf = (key: string) => join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  return {
    load: async (key) => {
      const text = await readFile(fileOf(key), 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : cursorIn(text, fileOf(key));
    },
    save: async (key, cursor) => {
      await mkdir(folder, { recursive: true });
      await replace(fileOf(key), JSON.stringify({ key, cursor }));
    },
  };
}

function cursorIn(text: string, file: string): string {
  const stored: unknown = JSON.parse(text);
  if (typeof stored === 'object' && stored !== null && 'cursor' in stored && typeof stored.cursor === 'string') return stored.cursor;
  throw new Error(`${file} holds no cursor; delete it to read that stream from its beginning`);
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
