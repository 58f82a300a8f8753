/**
 * What changed in a project, a burst at a time. Editors save through a second file and a rename, and compiling writes files itself: only a file whose
 * content differs from what it was counts, so nothing here can set itself off.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';

export type Changes = {
  /** Resolves with the files that changed since the last call, once it has been quiet for a moment; at once when they did already. */
  next(): Promise<string[]>;
  /** Makes `next` resolve although nothing changed. */
  nudge(): void;
  close(): Promise<void>;
};

/** "Save all" of an editor writes its files within milliseconds of each other; a person does not notice as much. */
const quietMs = 60;
const folders = new Set(['node_modules', 'build', 'dist', 'tests', '.nango', '.bowline', '.git']);
const kinds = /\.(?:[cm]?[jt]sx?|json|ya?ml)$/;

export const watchProject = async (root: string): Promise<Changes> => {
  const seen = new Map<string, string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let waiting: (() => void) | undefined;
  let nudged = false;
  const settle = (): void => {
    timer = undefined;
    waiting?.();
  };
  const watcher = watch(root, { ignored: (path) => isIgnored(relative(root, path)), atomic: true });
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));
  let isReady = false;
  watcher.on('all', (event, path) => {
    const file = relative(root, path).split(sep).join('/');
    if (event === 'addDir' || event === 'unlinkDir' || !isOfProject(file)) return;
    const content = event === 'unlink' ? undefined : hashOf(join(root, file));
    if (content === seen.get(file)) return;
    if (content === undefined) seen.delete(file);
    else seen.set(file, content);
    if (!isReady) return;
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(settle, quietMs);
  });
  await ready;
  isReady = true;
  return {
    async next() {
      // Again after waking: what wakes may be a nudge while files still come in.
      while (!nudged && (changed.size === 0 || timer)) await new Promise<void>((resolve) => (waiting = resolve));
      nudged = false;
      const files = [...changed].sort();
      changed.clear();
      return files;
    },
    nudge() {
      nudged = true;
      waiting?.();
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
};

const isIgnored = (path: string): boolean => {
  const parts = path.split(sep);
  return parts.some((part) => folders.has(part)) || parts.slice(0, -1).some((part) => part.startsWith('.') && part !== '..');
};

const isOfProject = (file: string): boolean => file === '.env' || (kinds.test(file) && !/(?:^|\/)\./.test(file));

const hashOf = (path: string): string | undefined => {
  try {
    return createHash('sha1').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
};
