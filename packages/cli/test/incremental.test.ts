import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createCompiler } from 'bowline/compile/compiler';
import { createTerminal } from 'bowline/terminal';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeProject, runCli, syncFile } from './project.ts';

const helper = (name: string): string => `export type Row = { id: string };\nexport const name = (): string => '${name}';\n`;
const useHelper = (model: string): string =>
  `import { name } from '../help.js';\n${syncFile({ Item: model, "'d'": 'name()' }).replace('Item', model)}`;
const files = { 'crm/syncs/a.ts': useHelper('A1'), 'crm/syncs/b.ts': syncFile({ Item: 'B1' }), 'crm/help.ts': helper('one') };

const write = (root: string, file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};
const compile = async (root: string) => {
  const { exitCode, errors, output } = await runCli(root, ['compile']);
  const [, types] = /Types {2}(.*?) {2}/.exec(output) ?? [];
  const [, bundles] = /Bundles {2}(.*?) {2}/.exec(output) ?? [];
  return { exitCode, errors, types, bundles };
};
const outputs = (root: string): Record<string, string> =>
  Object.fromEntries(
    [...readdirSync(join(root, 'build')).map((name) => join('build', name)), join('.nango', 'nango.json')].map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(root, name)))
        .digest('hex'),
    ]),
  );
const times = (root: string): Record<string, number> =>
  Object.fromEntries(Object.keys(outputs(root)).map((name) => [name, statSync(join(root, name)).mtimeMs]));
const cacheFile = '.nango/cache/functions.jsonl';
const asBefore = (some: number, all: number): string => `${some} of ${all} function${all === 1 ? '' : 's'}, the others as before`;

describe('a second compile', () => {
  it('does nothing and writes nothing when nothing changed', async () => {
    const root = makeProject(files);
    expect(await compile(root)).toMatchObject({ exitCode: 0, types: '2 functions', bundles: '2 functions' });
    const before = times(root);
    expect(await compile(root)).toMatchObject({ exitCode: 0, types: asBefore(0, 2), bundles: asBefore(0, 2) });
    expect(times(root)).toEqual(before);
  }, 60_000);

  it('makes the same bytes as one from nothing, whatever it took from before', async () => {
    const root = makeProject(files);
    await compile(root);
    write(root, 'crm/help.ts', helper('two'));
    write(root, 'crm/syncs/c.ts', syncFile({ Item: 'C1' }));
    expect(await compile(root)).toMatchObject({ exitCode: 0, bundles: asBefore(2, 3) });
    const incremental = outputs(root);
    const whole = makeProject({ ...files, 'crm/help.ts': helper('two'), 'crm/syncs/c.ts': syncFile({ Item: 'C1' }) });
    await compile(whole);
    expect(outputs(whole)).toEqual(incremental);
    const alone = makeProject({ 'crm/syncs/b.ts': files['crm/syncs/b.ts'] });
    await compile(alone);
    expect(outputs(alone)['build/crm_syncs_b.cjs']).toBe(incremental['build/crm_syncs_b.cjs']);
  }, 60_000);

  it('finds what a helper broke in a function that did not change, by value and by type', async () => {
    const source = syncFile({
      'async () => {}': "async (nango) => {\n  const row: Row = { id: 'x' };\n  await nango.batchSave([row], 'Item');\n}",
    });
    const root = makeProject({ ...files, 'crm/syncs/b.ts': `import type { Row } from '../help.js';\n${source}` });
    expect(await compile(root)).toMatchObject({ exitCode: 0 });
    write(root, 'crm/help.ts', helper('one').replace('id: string', 'id: number'));
    const { exitCode, errors } = await compile(root);
    expect({ exitCode, errors }).toEqual({ exitCode: 10, errors: expect.stringContaining('crm/syncs/b.ts:6:') });
    expect((await compile(root)).exitCode).toBe(10);
  }, 60_000);

  it('reads a file that now comes first where an import looks', async () => {
    const root = makeProject({ ...files, 'crm/help.ts': '', 'crm/help.js/index.ts': helper('folder') });
    rmSync(join(root, 'crm/help.ts'));
    await runCli(root, ['compile']);
    write(root, 'crm/help.ts', helper('file'));
    await compile(root);
    expect(readFileSync(join(root, 'build/crm_syncs_a.cjs'), 'utf8')).toContain('"file"');
  }, 60_000);

  it('does not keep an error, nor forget what was right beside it', async () => {
    const root = makeProject({ ...files, 'crm/syncs/b.ts': syncFile({ 'every hour': 'hourly' }) });
    expect((await compile(root)).exitCode).toBe(10);
    expect(await compile(root)).toMatchObject({ exitCode: 10, types: asBefore(1, 2) });
    write(root, 'crm/syncs/b.ts', files['crm/syncs/b.ts']);
    expect((await compile(root)).exitCode).toBe(0);
  }, 60_000);

  it('warns again of what it warned of', async () => {
    const root = makeProject({ 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async () => {\n  console.log('x');\n}" }) });
    const first = await compile(root);
    expect(first.errors).toContain('console_is_silent');
    expect((await compile(root)).errors).toBe(first.errors);
  }, 60_000);

  it('compiles anew what reads files that its text does not name', async () => {
    const source = `const all = (n: string): Promise<unknown> => import('./parts/' + n + '.ts');\n${syncFile({ 'async () => {}': "async () => {\n  await all('x');\n}" })}`;
    const root = makeProject({ 'crm/syncs/a.ts': source, 'crm/syncs/parts/x.ts': "export const x = 'one';\n" });
    await compile(root);
    write(root, 'crm/syncs/parts/x.ts', "export const x = 'two';\n");
    await compile(root);
    expect(readFileSync(join(root, 'build/crm_syncs_a.cjs'), 'utf8')).toContain('"two"');
  }, 60_000);
});

describe('what was remembered is not trusted', () => {
  const spoil: [string, (root: string) => void][] = [
    ['no cache', (root) => rmSync(join(root, '.nango/cache'), { recursive: true })],
    ['half a cache', (root) => write(root, cacheFile, readFileSync(join(root, cacheFile), 'utf8').slice(0, -40))],
    ['noise', (root) => write(root, cacheFile, '\0\n{{{\n\n')],
    [
      'a folder in its place',
      (root) => {
        rmSync(join(root, cacheFile));
        mkdirSync(join(root, cacheFile));
      },
    ],
    [
      'another description',
      (root) => write(root, cacheFile, readFileSync(join(root, cacheFile), 'utf8').replaceAll('every hour', 'every week')),
    ],
    ['another version of the tool', (root) => write(root, cacheFile, readFileSync(join(root, cacheFile), 'utf8').replace(/^./, '-'))],
    ['no bundles', (root) => rmSync(join(root, 'build'), { recursive: true })],
    ['a bundle changed by hand', (root) => write(root, 'build/crm_syncs_a.cjs', 'module.exports = {};')],
    ['a manifest changed by hand', (root) => write(root, '.nango/nango.json', '[]')],
  ];
  it.each(spoil)(
    'after %s the outcome is the same',
    async (_what, work) => {
      const root = makeProject(files);
      await compile(root);
      const before = outputs(root);
      work(root);
      expect(await compile(root)).toMatchObject({ exitCode: 0, errors: '' });
      expect(outputs(root)).toEqual(before);
    },
    60_000,
  );

  it('two compiles at once leave one whole outcome', async () => {
    const root = makeProject(files);
    const [one, other] = await Promise.all([compile(root), compile(root)]);
    expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
    const whole = makeProject(files);
    await compile(whole);
    expect(outputs(root)).toEqual(outputs(whole));
    expect(readdirSync(join(root, '.nango/cache'))).toEqual(['functions.jsonl']);
    expect(await compile(root)).toMatchObject({ types: asBefore(0, 2), bundles: asBefore(0, 2) });
  }, 60_000);
});

describe('compiling again and again', () => {
  it('tells which functions changed and which are gone, also across a failure', async () => {
    const root = makeProject(files);
    const silent = { write: () => {}, writeError: () => {}, env: {}, cwd: root, isTty: false, ask: undefined };
    const compiler = createCompiler(root, createTerminal(silent, false));
    onTestFinished(() => compiler.close());
    const names = async () => {
      const { changed, removed } = await compiler.compile();
      return { changed: changed.map(({ definition }) => definition.entry.name), removed: removed.map(({ name }) => name) };
    };
    expect(await names()).toEqual({ changed: ['a', 'b'], removed: [] });
    expect(await names()).toEqual({ changed: [], removed: [] });
    write(root, 'crm/help.ts', helper('two'));
    expect(await names()).toEqual({ changed: ['a'], removed: [] });
    write(root, 'crm/syncs/a.ts', `${files['crm/syncs/a.ts']}// changed\n`);
    write(root, 'crm/syncs/b.ts', 'export default {');
    await expect(compiler.compile()).rejects.toMatchObject({
      diagnostics: expect.arrayContaining([expect.objectContaining({ file: 'crm/syncs/b.ts' })]),
    });
    rmSync(join(root, 'crm/syncs/b.ts'));
    write(root, 'crm/syncs/c.ts', syncFile({ Item: 'C1' }));
    expect(await names()).toEqual({ changed: ['a', 'c'], removed: ['b'] });
  }, 60_000);
});

it('models.ts of a nango.yaml project is written only when its text would be another', async () => {
  const yaml = (field: string): string =>
    `integrations:\n  crm:\n    actions:\n      ping:\n        endpoint: POST /ping\n        output: Pong\nmodels:\n  Pong:\n    id: string\n    ${field}: string\n`;
  const action =
    "import type { NangoAction, Pong } from '../../models.js';\nexport default async function run(nango: NangoAction): Promise<Pong> {\n  return (await nango.get<Pong>({ endpoint: '/x' })).data;\n}\n";
  const root = makeProject({ 'nango.yaml': yaml('one'), 'crm/actions/ping.ts': action });
  const stamp = () => statSync(join(root, 'models.ts')).mtimeMs;
  expect(await compile(root)).toMatchObject({ exitCode: 0, errors: '' });
  const before = stamp();
  await runCli(root, ['doctor']);
  expect(await compile(root)).toMatchObject({ bundles: asBefore(0, 1) });
  expect(stamp()).toBe(before);
  write(root, 'nango.yaml', yaml('two'));
  expect(await compile(root)).toMatchObject({ bundles: '1 function' });
  expect(stamp()).not.toBe(before);
}, 60_000);
