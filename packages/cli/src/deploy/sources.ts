/**
 * The relative files a function was made of, so that a server can give all of it back. Found by reading imports, not from the bundle: what is
 * imported for its types alone is in no bundle, and without it a pulled function would not compile.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { SourcePath, sourceLimits } from '@bowline/api/deploy';

export type Sources = {
  /** In: a function's file, from the project's folder, and its text. Out: what it imports, directly or not, by path; undefined for nothing. */
  readonly of: (file: string, text: string) => Readonly<Record<string, string>> | undefined;
  /** Functions whose files are too many or too large to send: they are deployed without. */
  readonly left: string[];
};

/** Of one project. Each file is read once, whatever imports it. */
export const openSources = (root: string): Sources => {
  const texts = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, readText(join(root, path)));
    return texts.get(path);
  };
  const left: string[] = [];
  return {
    left,
    of: (file, text) => {
      const own = file.replaceAll('\\', '/');
      const found = new Map<string, string>();
      const open: [string, string][] = [[own, text]];
      for (let next = open.pop(); next; next = open.pop()) {
        for (const path of importsOf(root, ...next)) {
          if (path === own || found.has(path)) continue;
          const imported = read(path);
          if (imported === undefined) continue;
          found.set(path, imported);
          open.push([path, imported]);
        }
      }
      if (found.size === 0) return undefined;
      const all = [...found].reduce((sum, [, one]) => sum + one.length, 0);
      const tooMuch = found.size > sourceLimits.files || all > sourceLimits.allChars;
      if (tooMuch || [...found.values()].some((one) => one.length > sourceLimits.fileChars)) {
        left.push(own);
        return undefined;
      }
      return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
    },
  };
};

const importing = /\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+)['"]/g;

/** Files of the project; what lies outside of it could not be written into another. */
const importsOf = (root: string, file: string, text: string): string[] =>
  [...text.matchAll(importing)].flatMap(([, specifier = '']) => {
    const base = resolve(root, posix.dirname(file), specifier);
    const stem = base.replace(/\.[cm]?js$/, '');
    const path = [`${stem}.ts`, base, `${stem}/index.ts`].find(isFile);
    const inProject = path === undefined ? undefined : relative(root, path).split(sep).join('/');
    if (inProject === undefined || inProject.includes('node_modules/') || !SourcePath.safeParse(inProject).success) return [];
    return [inProject];
  });

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** Undefined for what is no text. */
const readText = (path: string): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
};
