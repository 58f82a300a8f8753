/** docs/problems against the table: a code without a page, a page without a code, and a page that says something else than the server. */
import { readdirSync, readFileSync } from 'node:fs';
import { problems } from '@bowline/api/problems';
import type { Route } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../../docs/problems/', import.meta.url);
/** The formatter aligns tables with spaces. */
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8').replaceAll(/ +\|/g, ' |');
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => name.slice(0, -'.md'.length));
const table = Object.entries(problems);

test('every code has a page and every page a code', () => {
  expect(pages.toSorted()).toEqual(table.map(([code]) => code).toSorted());
});

describe.each(table)('%s', (code, { status, title }) => {
  const page = read(`${code}.md`);

  test('the page opens with the code, status and title of the table', () => {
    expect(page.split('\n').slice(0, 3)).toEqual([`# \`${code}\``, '', `Status **${status}** · ${title}`]);
  });

  test('the page says what it means, when it happens and what to do', () => {
    const [, meaning = '', when = '', next = ''] =
      /\n\n[^\n]*\n\n([\s\S]*?)## When it happens([\s\S]*?)## What to do next([\s\S]*?)##/.exec(page) ?? [];
    for (const part of [meaning, when, next]) expect(part.trim().length).toBeGreaterThan(30);
  });

  test('the example is an answer of this problem', () => {
    const example: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    expect(example).toMatchObject({ error: { code, message: expect.stringMatching(/\S/) } });
  });

  test('the list of all problems has it', () => {
    expect(read('README.md')).toContain(`| [\`${code}\`](${code}.md) | ${status} | ${title} |`);
  });
});

test('a page names every public route that words its problem otherwise', () => {
  const worded = Object.values(publicRoutes)
    .flatMap((byName) => Object.values<Route>(byName))
    .flatMap((route) => table.map(([code]) => ({ route, code, own: route.wording?.[code as keyof typeof problems] })))
    .filter(({ route, code, own }) => own && route.problems.some((declared) => declared === code));
  expect(worded.length).toBeGreaterThan(10);
  for (const { route, code, own } of worded) {
    const onWire = own?.code ?? code;
    const status = own?.status ?? table.find(([known]) => known === onWire)?.[1].status;
    if (onWire === code && status === table.find(([known]) => known === code)?.[1].status) continue;
    expect(read(`${code}.md`)).toContain(`| \`${route.method} ${route.path}\` | ${status} | \`${onWire}\` |`);
  }
});
