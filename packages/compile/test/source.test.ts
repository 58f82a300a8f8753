/** Source that came as text reads nothing from the disk of whoever bundles it, in any of the ways esbuild or the runtime know. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSource } from '@bowline/compile/source';
import { afterAll, expect, test } from 'vitest';

const SECRET = 'the-secret-of-this-machine';
const folder = mkdtempSync(join(tmpdir(), 'bowline-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, text] of Object.entries({
  'secret.txt': SECRET,
  'secret.json': JSON.stringify({ secret: SECRET }),
  'secret.js': `export const secret = '${SECRET}';`,
  'secret.js.map': JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: [SECRET], names: [], mappings: 'AAAA' }),
  'package.json': JSON.stringify({ name: 'secret', main: 'secret.js' }),
}))
  writeFileSync(join(folder, name), text);

const entry = { file: 'function.ts', integration: 'crm', name: 'function', out: 'function' };
const bundle = (source: string) => compileSource(entry, source);
/** Everything that could carry a secret out, with source maps unpacked. */
const visible = (answer: Awaited<ReturnType<typeof bundle>>): string => {
  const text = JSON.stringify(answer);
  const maps = [...text.matchAll(/base64,([\w+/=]+)/g)].map(([, encoded = '']) => Buffer.from(encoded, 'base64').toString('utf8'));
  return [text, ...maps].join('\n');
};

test('an action with zod becomes one CommonJS text without its types', async () => {
  const bundled = await bundle(`import { createAction } from 'nango';
    import * as z from 'zod';
    type Hidden = { a: string };
    export default createAction({ description: 'd', input: z.void(), output: z.string(), exec: async (): Promise<string> => 'x' });`);
  expect(bundled).toMatchObject({ ok: true, problems: [] });
  if (!bundled.ok) return;
  expect(bundled.js).toContain('require("zod")');
  expect(bundled.js.split('//# sourceMappingURL')[0]).not.toContain('Hidden');
});

const up = '../'.repeat(12);
test.each([
  ['an absolute import', `import x from '${folder}/secret.js'; export default x;`],
  ['a relative import', `import x from './secret.js'; export default x;`],
  ['a relative import upwards', `import x from '${up}${folder.slice(1)}/secret.js'; export default x;`],
  ['a file as text', `import x from '${folder}/secret.txt'; export default x;`],
  ['json', `import x from '${folder}/secret.json'; export default x;`],
  ['json with attributes', `import x from '${folder}/secret.json' with { type: 'json' }; export default x;`],
  ['a file URL', `import x from 'file://${folder}/secret.js'; export default x;`],
  ['a data URL', `import x from 'data:text/javascript,export default 1'; export default x;`],
  ['require', `export default require('${folder}/secret.json');`],
  ['import()', `export default await import('${folder}/secret.js');`],
  ['import() of a folder', `export default () => import('${folder}');`],
  ['a re-export', `export * from '${folder}/secret.js';`],
  ['a package of the machine', `import pg from 'pg'; export default pg;`],
  ['a file in a package', `import x from 'zod/package.json'; export default x;`],
  ['a module of Node', `import fs from 'node:fs'; export default fs;`],
  ['our own packages', `import x from '@bowline/compile/source'; export default x;`],
])('%s is refused', async (_what, source) => {
  const answer = await bundle(source);
  expect(answer.ok).toBe(false);
  expect(answer.problems[0]).toMatchObject({ severity: 'error', message: expect.stringMatching(/not available|top-level await/i) });
  expect(visible(answer)).not.toContain(SECRET);
});

const inReach = `${up}${folder.slice(1)}`;
test.each([
  ['a glob of import()', `export default (x: string) => import(\`${inReach}/\${x}.js\`);`],
  ['a glob of require', `export default (x: string) => require('${inReach}/' + x);`],
  ['require.resolve', `export default require.resolve('${folder}/secret.json');`],
  ['a glob here', `export default (x: string) => import('./' + x);`],
  ['a source map by its path', `export default 1;\n//# sourceMappingURL=${folder}/secret.js.map`],
  ['a source map upwards', `export default 1;\n//# sourceMappingURL=${inReach}/secret.js.map`],
  ['a source map by URL', `export default 1;\n//# sourceMappingURL=file://${folder}/secret.js.map`],
  ['a triple-slash reference', `/// <reference path="${folder}/secret.txt" />\nexport default 1;`],
  ['new URL', `export default new URL('${folder}/secret.txt', 'file:///').href;`],
  ['a JSX pragma', `/** @jsxImportSource ${folder} */\nexport default 1;`],
])('%s reads nothing', async (_what, source) => {
  expect(visible(await bundle(source))).not.toContain(SECRET);
});

test('the reader would find the secret where it is', async () => {
  const map = JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: [SECRET], names: [], mappings: 'AAAA' });
  const own = await bundle(`export default 1;\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`);
  expect(visible(own)).toContain(SECRET);
});

test('a mistake is told with its place', async () => {
  expect(await bundle('export default {\n  a: ,\n};')).toMatchObject({
    ok: false,
    problems: [{ severity: 'error', file: 'function.ts', line: 2, column: 6 }],
  });
  const dropped = `import { createAction } from 'nango';\nexport default createAction({ exec: async (nango) => {\n  nango.get({ endpoint: '/' });\n} });`;
  expect(await bundle(dropped)).toMatchObject({ ok: false, problems: [{ code: 'method_need_await', line: 3 }] });
});

test('many at once wait for each other and are not mixed up', async () => {
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, index) => bundle(index % 4 === 3 ? 'export default {' : `export default ${index};`)),
  );
  expect(all.map(({ ok }) => ok)).toEqual(all.map((_, index) => index % 4 !== 3));
  for (const [index, answer] of all.entries()) if (answer.ok) expect(answer.js).toContain(`function_default = ${index};`);
});

const depth = 100_000;
test.each([
  ['brackets', `export default ${'('.repeat(depth / 2)}1${')'.repeat(depth / 2)};`],
  ['negations', `export default ${'!'.repeat(depth)}1;`],
  ['lists', `export default ${'['.repeat(depth / 2)}${']'.repeat(depth / 2)};`],
  ['conditions', `export default ${'a?b:'.repeat(depth / 4)}c;`],
  ['statements', `${'if(x)'.repeat(depth / 5)};`],
  ['functions', `${'(()=>{'.repeat(depth / 12)}${'})'.repeat(depth / 12)}`],
  ['types', `type A = ${'('.repeat(depth / 2)}1${')'.repeat(depth / 2)};`],
])('%s nested beyond reason end as a problem or as nothing, and the next source compiles', async (_what, source) => {
  const answer = await bundle(source);
  if (!answer.ok) expect(answer.problems[0]).toMatchObject({ severity: 'error', message: expect.stringMatching(/nested|MB|within/) });
  expect(await bundle('export default 1;')).toMatchObject({ ok: true });
});
