/** The TypeScript sources of the packages and apps, parsed. What the checks share. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from 'oxc-parser';

const SKIPPED = new Set(['node_modules', 'dist', 'build', '.bowline']);

/** Paths (relative to `root`) of all `.ts` and `.tsx` files below the `src` of each package and app. */
function listSources(root) {
  return ['packages', 'apps'].flatMap((kind) =>
    list(join(root, kind)).flatMap((name) => walk(join(root, kind, name, 'src')).map((path) => relative(root, path))),
  );
}

/** @returns {{ path: string, text: string, program: object, comments: { start: number, end: number, value: string }[] }[]} */
export function parseSources(root) {
  return listSources(root).map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const { program, comments } = parseSync(path, text);
    return { path, text, program, comments };
  });
}

/** Calls `visit` with every node of a syntax tree. */
export function visitNodes(node, visit) {
  if (Array.isArray(node)) {
    for (const item of node) visitNodes(item, visit);
  } else if (node && typeof node === 'object') {
    if (typeof node.type === 'string') visit(node);
    for (const key in node) if (typeof node[key] === 'object') visitNodes(node[key], visit);
  }
}

function walk(folder) {
  return list(folder).flatMap((name) => {
    const path = join(folder, name);
    if (SKIPPED.has(name)) return [];
    if (name.endsWith('.d.ts')) return [];
    return /\.tsx?$/.test(name) ? [path] : walk(path);
  });
}

function list(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() || /\.tsx?$/.test(entry.name) ? entry.name : []))
    .sort();
}
