/** docs/problems against the table: a code without a page, a page without a code, and a page that says something else than the server. */
import { readdirSync, readFileSync } from 'node:fs';
import { declaredProblems, wording } from '@bowline/api/answers';
import { endpointRoute } from '@bowline/api/endpoints';
import { problems } from '@bowline/api/problems';
import { proxyRoute } from '@bowline/api/proxy';
import type { Route } from '@bowline/api/route';
import { routes } from '@bowline/api/routes';
import { webhookRoute } from '@bowline/api/webhooks-in';
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

const everyRoute: Route[] = [
  ...Object.values(routes).flatMap((byName) => Object.values<Route>(byName)),
  proxyRoute,
  endpointRoute,
  webhookRoute,
];
type Worded = { code: string; route: string; status: string; onWire: string };

/** As the contract has it: every route that says a problem otherwise than the table. */
const worded: Worded[] = everyRoute
  .filter((route) => route.caller !== 'member')
  .flatMap((route) =>
    declaredProblems(route).flatMap((code) => {
      const own = wording(route, code);
      const isSame = own.code === code && own.status === problems[code].status;
      return isSame ? [] : [{ code, route: `${route.method} ${route.path}`, status: String(own.status), onWire: own.code }];
    }),
  );

test('pages name exactly the routes that word their problem otherwise', () => {
  const inPages = pages.flatMap((code) =>
    [...read(`${code}.md`).matchAll(/^\| `([A-Z]+ \/[^`]*)` \| (\d+) \| `(\w+)` \|$/gm)].map(
      ([, route = '', status = '', onWire = '']): Worded => ({ code, route, status, onWire }),
    ),
  );
  // The page says of the proxy that it takes any method.
  const order = (list: Worded[]) => list.map((one) => Object.values(one).join(' ').replace('ANY /proxy', 'GET /proxy')).toSorted();
  expect(worded.length).toBeGreaterThan(10);
  expect(order(inPages)).toEqual(order(worded));
});

test('every route a page speaks of exists', () => {
  const known = new Set([
    ...Object.values(routes).flatMap((byName) => Object.values<Route>(byName).map(({ method, path }) => `${method} ${path}`)),
    'ANY /proxy',
    `POST ${webhookRoute.path}`,
    'GET /openapi.json',
    'GET /providers.json',
  ]);
  const paths = new Set([...known].map((route) => route.replace(/^\w+ /, '')));
  const spoken = ['README', ...pages].flatMap((page) =>
    [...read(`${page}.md`).matchAll(/`(?:([A-Z]+) )?(\/[a-z][^`?\s]*)[^`]*`/g)].map(([, method, path = '']) => ({ page, method, path })),
  );
  expect(spoken.length).toBeGreaterThan(20);
  const gone = spoken.filter(({ method, path }) => !(method ? known.has(`${method} ${path}`) : paths.has(path)));
  expect(gone).toEqual([]);
});

test('exactly the pages of problems that no route answers say so', () => {
  const answered = new Set(everyRoute.flatMap((route) => declaredProblems(route).flatMap((code) => [code, wording(route, code).code])));
  for (const beforeAnyRoute of ['malformed_request', 'request_timeout'] as const) answered.add(beforeAnyRoute);
  const silent = pages.filter((code) => !answered.has(code as keyof typeof problems)); // a page's name is a code, see above
  expect(pages.filter((code) => read(`${code}.md`).includes('No route of this version answers it'))).toEqual(silent);
});
