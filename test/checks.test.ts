import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

type Check = (...args: unknown[]) => string[];
const load = (path: string): Promise<Record<string, Check>> => import(new URL(`../${path}`, import.meta.url).href);
const architecture = await load('architecture.js');
const { parseSources = () => [] } = await load('scripts/sources.mjs');
const { checkImports = () => [] } = await load('scripts/check-imports.mjs');
const { checkTables = () => [] } = await load('scripts/check-tables.mjs');
const { checkSources = () => [] } = await load('scripts/check-sources.mjs');

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A tree with these files; paths without a package lie in the server's src. */
function plant(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'bowline-checks-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, /^(packages|apps)\//.test(path) ? path : `packages/server/src/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}
const imports = (files: Record<string, string>) => {
  const root = plant(files);
  return checkImports(root, parseSources(root), architecture);
};
const sources = (files: Record<string, string>) => checkSources(parseSources(plant(files)), architecture);
const tables = (files: Record<string, string>) => {
  const root = plant(files);
  return checkTables(root, parseSources(root));
};
const verb = '/** A verb. */\nexport const act = 1;\n';

test('what the architecture allows passes', () => {
  const allowed = {
    'app.ts': "import { act } from './runs/routes.ts';",
    'runs/routes.ts': "import { act } from '../connections/find.ts'; import type { Pool } from 'pg'; export { act };",
    'connections/find.ts': "import { act } from '../vault/seal.ts'; import { route } from '@bowline/api/route'; export { act };",
    'vault/seal.ts': "import type { World } from '../base/world.ts'; export const act = 1;",
    'base/world.ts':
      "import type { Catalogue } from '@bowline/providers/catalogue'; import { Pool } from 'pg'; export type World = Catalogue;",
    'packages/api/src/route.ts': verb,
    'packages/providers/src/catalogue.ts': 'export type Catalogue = 1;',
    'apps/dashboard/src/main.tsx': "import { route } from '@bowline/api/route';",
  };
  expect(imports(allowed)).toEqual([]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['upwards', { 'vault/seal.ts': "import { act } from '../runs/run.ts';", 'runs/run.ts': verb }, /lower floors/],
  ['upwards, only a type', { 'vault/seal.ts': "import type { Run } from '../runs/run.ts';", 'runs/run.ts': verb }, /lower floors/],
  ['upwards, in a type expression', { 'vault/seal.ts': "type Run = import('../runs/run.ts').Run;", 'runs/run.ts': verb }, /lower floors/],
  ['upwards, at run time', { 'vault/seal.ts': "await import('../runs/run.ts');", 'runs/run.ts': verb }, /lower floors/],
  ['upwards, re-exported', { 'vault/seal.ts': "export * from '../runs/run.ts';", 'runs/run.ts': verb }, /lower floors/],
  ['between strangers', { 'vault/seal.ts': "import { act } from '../logs/write.ts';", 'logs/write.ts': verb }, /strangers/],
  ['an entry', { 'runs/run.ts': "import { act } from '../app.ts';", 'app.ts': verb }, /nobody imports app/],
  ["another's routes", { 'runs/run.ts': "import { act } from '../proxy/routes.ts';", 'proxy/routes.ts': verb }, /opened by app\.ts only/],
  ['routes by the worker', { 'worker.ts': "import { act } from './proxy/routes.ts';", 'proxy/routes.ts': verb }, /opened by app\.ts only/],
  ['jobs by the app', { 'app.ts': "import { act } from './runs/jobs.ts';", 'runs/jobs.ts': verb }, /opened by worker\.ts only/],
  ['the vault', { 'runs/run.ts': "import { act } from '../vault/seal.ts';", 'vault/seal.ts': verb }, /sealers/],
  ['the catalogue as a value from base', { 'base/ids.ts': "import { read } from '@bowline/providers/catalogue';" }, /base knows only/],
  ['functions from base', { 'base/ids.ts': "import type { Sync } from '@bowline/functions';" }, /base knows only/],
  [
    'the server from the runner',
    { 'packages/runner/src/main.ts': "import { act } from '@bowline/server/base/ids';" },
    /packages it may import/,
  ],
  ['the server by path', { 'packages/cli/src/main.ts': "import { act } from '../../server/src/base/ids.ts';" }, /packages it may import/],
  [
    'the server from the dashboard',
    { 'apps/dashboard/src/main.tsx': "import type { A } from '@bowline/server/app';" },
    /packages it may import/,
  ],
  ['a test', { 'runs/run.ts': "import { act } from '../../test/postgres.ts';" }, /does not import tests/],
  ['an HTTP client', { 'runs/run.ts': "import { request } from 'undici';" }, /world\.outbound/],
  ['https', { 'proxy/send.ts': "import { get } from 'node:https';" }, /world\.outbound/],
  ['the driver', { 'runs/run.ts': "import { Pool } from 'pg';" }, /world\.db/],
  [
    'a cycle',
    { 'runs/a.ts': "import './b.ts';", 'runs/b.ts': "import './c.ts';", 'runs/c.ts': "import './a.ts';" },
    /import cycle: .*a\.ts <-> .*b\.ts <-> .*c\.ts/,
  ],
  [
    'a cycle of types',
    { 'runs/a.ts': "import type { B } from './b.ts';", 'runs/b.ts': "import type { A } from './a.ts';" },
    /import cycle/,
  ],
  ['a folder without a floor', { 'extras/a.ts': verb }, /extras\/ has no floor/],
  ['a file beside the entries', { 'extra.ts': verb }, /stands on no floor/],
  ['a package nobody planned', { 'packages/extra/src/a.ts': verb }, /not in architecture/],
])('an import is caught: %s', (_, files, complaint) => {
  const wrong = imports(files);
  expect(wrong).toHaveLength(1);
  expect(wrong[0]).toMatch(complaint);
});

const migration = {
  'packages/server/migrations/001.sql': '-- owner: records\ncreate table records (id int);\n-- owner: syncs\ncreate table syncs (id int);',
};
// Written so that this file's own checks do not take it for a statement.
const statement = (text: string) => `const id = 1; const q = sql<{ id: number }>\`${text}\`;`;

test.each([
  'select * from syncs where id = ${id}',
  'select 1 from records r join syncs s on true',
  'insert into syncs (id) values (${id})',
  'update syncs set id = ${id}',
  'delete from syncs',
  'DELETE FROM records USING syncs',
  'with done as (update only "syncs" set id = 1 returning id) select 1',
])("naming another folder's table is caught: %s", (text) => {
  expect(tables({ ...migration, 'records/save.ts': statement(text) })).toEqual([
    expect.stringMatching(/records\/save\.ts:1 names the table syncs, which belongs to syncs\//),
  ]);
});

test('naming its own tables is allowed, and a table without an owner is caught', () => {
  expect(tables({ ...migration, 'syncs/save.ts': statement('select * from syncs where id in (select 1) -- from records') })).toEqual([]);
  expect(tables({ 'packages/server/migrations/001.sql': 'create table stray (id int);' })).toEqual([
    expect.stringMatching(/stray has no "-- owner/),
  ]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a file of 301 code lines', { 'runs/run.ts': `/** A run. */\n${'act();\n'.repeat(301)}` }, /301 code lines/],
  ['any', { 'runs/run.ts': '/** A run. */\nexport let run: any;' }, /1 any/],
  ['too many casts', { 'runs/run.ts': `/** A run. */\n${'act(1 as One);\n'.repeat(6)}` }, /6 casts/],
  ['suppressed diagnostics', { 'runs/run.ts': `/** A run. */\n${'// @ts-expect-error\nact();\n'.repeat(3)}` }, /3 suppressed/],
  ['no opening comment', { 'runs/run.ts': 'export const run = 1;' }, /does not open with a comment/],
  ['a vague name', { 'runs/utils.ts': verb }, /says nothing/],
  ['a vague folder', { 'packages/api/src/helpers/a.ts': verb }, /says nothing/],
  ['camelCase', { 'runs/runOnce.ts': verb }, /kebab-case/],
  ['process.env', { 'runs/run.ts': '/** A run. */\nexport const run = process.env.HOME;' }, /reads process\.env/],
  ['fetch', { 'runs/run.ts': "/** A run. */\nawait fetch('http://localhost');" }, /calls fetch/],
])('a source is caught: %s', (_, files, complaint) => {
  expect(sources(files)).toEqual([expect.stringMatching(complaint)]);
});

test('a file of 300 code lines passes, comments and blank lines not counted', () => {
  expect(sources({ 'runs/run.ts': `/** A run. */\n${'act();\n\n// why\n'.repeat(300)}` })).toEqual([]);
});
