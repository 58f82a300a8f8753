/**
 * Every table belongs to one folder of the server, named by `-- owner: <folder>` above it in the migrations;
 * only that folder's files may name it in an sql template.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { visitNodes } from './sources.mjs';

const SRC = 'packages/server/src/';
const NAMED = /\b(?:from|join|into|update|using|truncate|table)\s+(?:only\s+)?"?([a-z_][a-z0-9_]*)"?/gi;

/** @returns {string[]} one line for each violation */
export function checkTables(root, sources) {
  const { owners, wrong } = readOwners(join(root, 'packages/server/migrations'));
  for (const { path, text, program } of sources) {
    if (!path.startsWith(SRC)) continue;
    const folder = path.slice(SRC.length).split('/')[0];
    visitNodes(program, (node) => {
      if (node.type !== 'TaggedTemplateExpression' || node.tag.name !== 'sql') return;
      // `$` keeps what stands before a value apart from what follows it, so that no name is made up from two pieces.
      const statement = node.quasi.quasis.map((piece) => piece.value.raw.replace(/--.*$/gm, '')).join(' $ ');
      for (const [, table] of statement.matchAll(NAMED)) {
        const owner = owners.get(table.toLowerCase());
        const line = text.slice(0, node.start).split('\n').length;
        if (owner && owner !== folder) wrong.push(`${path}:${line} names the table ${table}, which belongs to ${owner}/`);
      }
    });
  }
  return [...new Set(wrong)];
}

function readOwners(folder) {
  const owners = new Map();
  const wrong = [];
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sql')) : [];
  for (const file of files.sort()) {
    let owner;
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      owner = line.match(/^-- owner: ([\w-]+)/)?.[1] ?? owner;
      const table = line.match(/^\s*create (?:unlogged )?table (?:if not exists )?"?(\w+)/i)?.[1];
      if (!table || / partition of /i.test(line)) continue;
      if (!owner) wrong.push(`packages/server/migrations/${file}: the table ${table} has no "-- owner: <folder>" above it`);
      owners.set(table.toLowerCase(), owner);
    }
  }
  return { owners, wrong };
}
