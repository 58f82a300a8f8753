/** The documents against the repository: files they name exist, links lead somewhere, and the floors are those that are checked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The formatter aligns tables with spaces. */
const read = (path: string) => readFileSync(join(root, path), 'utf8').replaceAll(/ +\|/g, ' |');
const list = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  ...list('docs'),
  ...list('docs/problems'),
  ...(existsSync(join(root, 'docs/providers')) ? list('docs/providers') : []),
  ...list('decisions'),
];

describe.each(documents)('%s', (document) => {
  const text = read(document);

  test('its links lead to files of the repository', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => join(dirname(document), link));
    expect(links.filter((link) => !link.startsWith('docs/images/') && !existsSync(join(root, link)))).toEqual([]);
  });

  test('the sources it names exist', () => {
    const named = [...text.matchAll(/`((?:[\w-]+\/)+[\w-]+\.(?:ts|tsx|mjs|js|json))`/g)].map(([, path = '']) => path);
    const missing = named.filter(
      (path) =>
        !['', 'packages/server/src/', 'packages/server/test/'].map((base) => base + path).some((one) => existsSync(join(root, one))),
    );
    // The guide names files that its reader writes.
    expect(missing.filter((path) => !path.startsWith('my-integrations/'))).toEqual([]);
  });
});

test('ARCHITECTURE.md lists the floors of architecture.js', async () => {
  const { floors } = (await import(join(root, 'architecture.js'))) as { floors: string[][] }; // plain JavaScript, checked by the checks
  const rows = floors.map((folders, index) => `| ${index + 1} | ${folders.join(' ')} |`).toReversed();
  expect(read('ARCHITECTURE.md')).toContain(rows.join('\n'));
});

test('ARCHITECTURE.md names every table, under the folder that owns it', () => {
  const schema = readdirSync(join(root, 'packages/server/migrations'))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => read(`packages/server/migrations/${name}`))
    .join('\n');
  const owned = schema
    .split(/^-- owner: /m)
    .slice(1)
    .map((part) => ({
      owner: part.split('\n', 1)[0] ?? '',
      tables: [...part.matchAll(/^create table (\w+)/gm)].map(([, table = '']) => table),
    }));
  expect(owned.length).toBeGreaterThan(10);
  const rows = read('ARCHITECTURE.md').split('\n');
  for (const { owner, tables } of owned) {
    const row = rows.find((line) => line.startsWith(`| ${owner} | `) && tables.every((table) => new RegExp(`\\b${table}\\b`).test(line)));
    expect(row, `${owner}: ${tables.join(', ')}`).toBeDefined();
  }
});
