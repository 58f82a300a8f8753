import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { providerDocuments } from '../src/guide/documents.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = join(root, 'docs/providers');
const pages = providerDocuments(root);

// They are made by a command, and until it first ran there are none.
describe.skipIf(!existsSync(join(folder, 'README.md')))('docs/providers', () => {
  test('has a page for each provider, as the catalogue now is', () => {
    const kept = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    const old = [...new Set([...pages.keys(), ...kept.keys()])].filter((name) => pages.get(name) !== kept.get(name));
    expect(old, 'these pages are old: run `npm run docs` and commit what it writes').toEqual([]);
  });
});

test('every relative link of a page leads to a page or a document', () => {
  const broken = [...pages].flatMap(([name, text]) =>
    [...text.matchAll(/(?<!\\)\]\((?!https?:)([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !pages.has(link) && !existsSync(join(folder, link)))
      .map((link) => `${name}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('the index names every provider under each of its categories, and says how many there are', () => {
  const index = pages.get('README.md') ?? '';
  expect(index).toContain(`${pages.size - 1} external APIs`);
  const sections = new Map(index.split(/^## /m).map((part) => [part.split('\n', 1)[0] ?? '', part]));
  expect(sections.get('dev-tools')).toContain('[GitHub](github.md)');
  expect(sections.get('ticketing')).toContain('[GitHub](github.md)');
  for (const name of pages.keys()) if (name !== 'README.md') expect(index).toContain(`](${name})`);
});
