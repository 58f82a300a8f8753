/**
 * Holds the imports, those of types included, to `architecture.js`: floors, doors, packages, gates, no cycles.
 * Our own check since dependency-cruiser needs the JavaScript API of TypeScript, which version 7 no longer has (decisions/003-tooling.md).
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { visitNodes } from './sources.mjs';

/** @returns {string[]} one line for each violation */
export function checkImports(root, sources, architecture) {
  const edges = sources.flatMap((source) => readImports(root, source));
  const rules = makeRules(architecture);
  const broken = edges.flatMap((edge) =>
    rules.flatMap((rule) => (rule.breaks(edge) ? `${edge.from} imports ${edge.to}: ${rule.why}` : [])),
  );
  return [...homeless(sources, architecture), ...new Set(broken), ...findCycles(edges)];
}

const SRC = 'packages/server/src/';
const folderOf = (path) => (path.startsWith(SRC) ? path.slice(SRC.length).match(/^([^/]+)\//)?.[1] : undefined);
const entryOf = (path) => (path.startsWith(SRC) ? path.slice(SRC.length).match(/^([^/]+)\.ts$/)?.[1] : undefined);
const workspaceOf = (path) => path.match(/^(packages|apps)\/([^/]+)\//)?.slice(1);

function makeRules({ packages, apps, floors, doors, sealers, gates }) {
  const floorOf = new Map(floors.flatMap((floor, level) => floor.map((folder) => [folder, level])));
  return [
    {
      why: 'a folder imports only from lower floors, and folders on one floor are strangers',
      breaks: ({ from, to }) =>
        folderOf(from) && folderOf(to) && folderOf(from) !== folderOf(to) && !(floorOf.get(folderOf(to)) < floorOf.get(folderOf(from))),
    },
    { why: 'nobody imports app, worker or main but they themselves', breaks: ({ from, to }) => folderOf(from) && entryOf(to) },
    ...Object.entries(doors).map(([door, entry]) => ({
      why: `${door}.ts is opened by ${entry}.ts only`,
      breaks: ({ from, to }) => folderOf(to) && to.endsWith(`/${door}.ts`) && entryOf(from) !== entry,
    })),
    {
      why: 'only folders named as sealers in architecture.js touch the vault',
      breaks: ({ from, to }) =>
        folderOf(to) === 'vault' && folderOf(from) && folderOf(from) !== 'vault' && !sealers.includes(folderOf(from)),
    },
    {
      why: 'base knows only npm, node, the contract, and the types of the catalogue',
      breaks: ({ from, to, typeOnly }) =>
        folderOf(from) === 'base' && /^packages\/(functions\/|providers\/)/.test(to) && !(typeOnly && to.startsWith('packages/providers/')),
    },
    {
      why: 'not among the packages it may import (architecture.js)',
      breaks: ({ from, to }) => {
        const [kind, name] = workspaceOf(from);
        const target = workspaceOf(to);
        if (!target || (target[0] === kind && target[1] === name)) return false;
        return target[0] !== 'packages' || !((kind === 'apps' ? apps : packages)[name] ?? []).includes(target[1]);
      },
    },
    { why: 'what ships does not import tests', breaks: ({ to }) => /\.test\.tsx?$|^(packages|apps)\/[^/]+\/test\/|^test\//.test(to) },
    ...gates.map(({ to: gate, from: allowed, why }) => ({
      why,
      breaks: ({ from, to, typeOnly }) => from.startsWith(SRC) && !typeOnly && gate.test(to) && !allowed.test(from.slice(SRC.length)),
    })),
  ];
}

function homeless(sources, { packages, apps, floors, entries }) {
  const known = new Set(floors.flat());
  const places = new Set();
  for (const { path } of sources) {
    const [kind, name] = workspaceOf(path);
    if (!(kind === 'apps' ? apps : packages)[name]) places.add(`${kind}/${name} is not in architecture.js`);
    const folder = folderOf(path);
    if (folder && !known.has(folder)) places.add(`${SRC}${folder}/ has no floor in architecture.js`);
    const entry = entryOf(path);
    if (entry && !entries.includes(entry)) places.add(`${path} stands on no floor; put it into a folder`);
  }
  return [...places];
}

function readImports(root, { path, program }) {
  const edges = [];
  const add = (source, typeOnly) => {
    if (typeof source?.value === 'string') edges.push({ from: path, to: resolveImport(root, path, source.value), typeOnly });
  };
  visitNodes(program, (node) => {
    if (node.type === 'ImportDeclaration') add(node.source, isTypeOnly(node.importKind, node.specifiers, 'importKind'));
    if (node.type === 'ExportNamedDeclaration') add(node.source, isTypeOnly(node.exportKind, node.specifiers, 'exportKind'));
    if (node.type === 'ExportAllDeclaration') add(node.source, node.exportKind === 'type');
    if (node.type === 'ImportExpression') add(node.source, false);
    if (node.type === 'TSImportType') add(node.source ?? node.argument?.literal, true);
  });
  return edges;
}

function isTypeOnly(kind, specifiers, key) {
  return kind === 'type' || (specifiers.length > 0 && specifiers.every((specifier) => specifier[key] === 'type'));
}

/** A path below the root for what is ours, the package's name otherwise. */
function resolveImport(root, from, specifier) {
  if (specifier.startsWith('.')) return withExtension(root, posix.normalize(posix.join(posix.dirname(from), specifier)));
  const ours = specifier.match(/^@bowline\/([^/]+)(?:\/(.+))?$/);
  if (ours) return withExtension(root, `packages/${ours[1]}/src/${ours[2] ?? 'index'}`);
  return specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
}

function withExtension(root, path) {
  return (
    ['', '.ts', '.tsx'].map((extension) => path + extension).find((file) => /\.\w+$/.test(file) && existsSync(join(root, file))) ?? path
  );
}

/** Tarjan's strongly connected components; each with more than one file is a knot of cycles. */
function findCycles(edges) {
  const graph = new Map();
  for (const { from, to } of edges) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  const seen = new Map();
  const low = new Map();
  const stack = [];
  const knots = [];
  const visit = (file) => {
    seen.set(file, seen.size);
    low.set(file, seen.get(file));
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!seen.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== seen.get(file)) return;
    const knot = stack.splice(stack.indexOf(file));
    if (knot.length > 1 || graph.get(file)?.has(file)) knots.push(`import cycle: ${knot.sort().join(' <-> ')}`);
  };
  for (const file of graph.keys()) if (!seen.has(file)) visit(file);
  return knots;
}
