/** Mistakes that newcomers make: each is told at its file and line, with what to do; what is none compiles. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProject, runCli, syncFile } from './project.ts';

const file = 'crm/syncs/items.ts';
const sync = (exec: string): string => syncFile({ 'async () => {}': exec });
const compile = async (files: Record<string, string>, prepare: (root: string) => void = () => {}) => {
  const root = makeProject(files);
  prepare(root);
  return await runCli(root, ['compile']);
};

describe('told with its place and what to do', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a missing await',
      { [file]: sync("async (nango) => {\n  nango.log('x');\n}") },
      /items\.ts:5:3 - error method_need_await: .*Write: await nango\.log/,
    ],
    [
      'no default export',
      { [file]: syncFile().replace('export default sync;', 'export { sync };') },
      /items\.ts:4:\d+ - error invalid_default_export: .*Write: export default createSync/,
    ],
    [
      'the result of a call as default export',
      { [file]: syncFile().replace('export default sync;', 'const make = () => 5;\nexport default make();') },
      /items\.ts:4:\d+ - error invalid_default_export/,
    ],
    [
      'a misspelt model',
      { [file]: sync("async (nango) => {\n  await nango.batchSave([{ id: '1' }], 'Itme');\n}") },
      /items\.ts:5:\d+ - error TS2345: .*"Itme".*"Item"/,
    ],
    [
      'a number as id',
      { [file]: syncFile({ 'z.string()': 'z.number()' }) },
      /items\.ts:4:\d+ - error model_missing_id: .*id: z\.string\(\)/,
    ],
    ['no id', { [file]: syncFile({ 'id: z': 'name: z' }) }, /items\.ts:4:\d+ - error model_missing_id: .*id: z\.string\(\)/],
    [
      'zod 3',
      { [file]: `import { z as old } from 'zod/v3';\n${syncFile()}old.string();\n` },
      /items\.ts:1:\d+ - error disallowed_import: .*import \{ z \} from 'zod'/,
    ],
    [
      'axios',
      { [file]: `import axios from 'axios';\n${sync('async () => {\n  await axios.get("x");\n}')}` },
      /items\.ts:1:\d+ - error disallowed_import: .*nango\.get/,
    ],
    ['await at the top', { [file]: `${syncFile()}await Promise.resolve();\n` }, /items\.ts:6:1 - error.*[Tt]op-level await/],
    ['throw at the top', { [file]: `${syncFile()}throw new Error('no');\n` }, /items\.ts:6:\d+ - error evaluation_failed: .*no/],
    ['a syntax error', { [file]: syncFile().replace('exec:', 'exec') }, /items\.ts:4:\d+ - error.*Expected/],
    [
      'an import of index.ts that is not there',
      { 'index.ts': `import './${file.replace('.ts', '.js')}';\nimport './crm/syncs/gone.js';\n`, [file]: syncFile() },
      /index\.ts:2:1 - error: There is no file crm\/syncs\/gone\.ts\. Remove the line/,
    ],
    [
      'an import of index.ts in other letters',
      { 'index.ts': "import './crm/syncs/Items.js';\n", [file]: syncFile() },
      /index\.ts:1:1 - error: There is no file crm\/syncs\/Items\.ts.*crm\/syncs\/items\.ts/,
    ],
    [
      'a function that index.ts forgets',
      { 'index.ts': "import './crm/syncs/other.js';\n", [file]: syncFile(), 'crm/syncs/other.ts': syncFile({ Item: 'Other' }) },
      /index\.ts - warning.*items\.ts is not imported.*Add: import/,
    ],
    [
      'two of one name',
      { [file]: syncFile(), 'crm/actions/items.ts': syncFile({ Item: 'Other' }) },
      /error duplicate_function: .*Rename one/,
    ],
    ['an empty file', { [file]: '' }, /items\.ts:1:1 - error invalid_default_export/],
    ['only types', { [file]: 'export type Item = { id: string };\n' }, /items\.ts:1:1 - error invalid_default_export/],
    [
      'an import of a helper that is not there',
      { [file]: `import { help } from '../halp.js';\n${sync('async () => {\n  help();\n}')}` },
      /items\.ts:1:\d+ - error.*halp/,
    ],
    [
      'a helper with a syntax error',
      {
        [file]: `import { help } from '../help.js';\n${sync('async () => {\n  help();\n}')}`,
        'crm/help.ts': 'export const help = () => {;\n',
      },
      /crm\/help\.ts:\d:\d+ - error/,
    ],
  ])(
    '%s',
    async (_what, files, expected) => {
      expect((await compile(files)).errors).toMatch(expected);
    },
    120_000,
  );

  it('a file that is not UTF-8', async () => {
    const { errors } = await compile({ [file]: syncFile() }, (root) =>
      writeFileSync(
        join(root, file),
        Buffer.concat([Buffer.from(syncFile().replace("'d'", "'caf")), Buffer.from([0xe9]), Buffer.from("'")]),
      ),
    );
    expect(errors).toMatch(/items\.ts.* - (error|warning).*UTF-8/);
  }, 120_000);

  it('a folder where a function should be', async () => {
    const { exitCode, errors } = await compile({ [file]: syncFile() }, (root) => mkdirSync(join(root, 'crm/syncs/more.ts')));
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
  }, 120_000);
});

describe('no mistake', () => {
  it.each<[string, Record<string, string>]>([
    ['a frequency without every', { [file]: syncFile({ 'every hour': '5 minutes' }) }],
    [
      'a relative import without .js, where the project is not of modules',
      {
        [file]: `import { help } from '../help';\n${sync('async () => {\n  help();\n}')}`,
        'crm/help.ts': 'export const help = () => {};\n',
      },
    ],
    [
      'tabs, a byte order mark and Windows line ends',
      { [file]: `\uFEFF${syncFile().replaceAll('\n', '\r\n').replace('const', '\tconst')}` },
    ],
    [
      'a type import of a package',
      {
        [file]: `import { type AxiosError } from 'axios';\n${syncFile()}export type Local = AxiosError;\n`,
        'node_modules/axios/package.json': '{ "name": "axios", "version": "1.0.0", "types": "index.d.ts" }',
        'node_modules/axios/index.d.ts': 'export type AxiosError = { code: string };\n',
      },
    ],
    [
      'helpers that import each other',
      {
        [file]: `import { even } from '../even.js';\n${sync('async (nango) => {\n  await nango.log(String(even(4)));\n}')}`,
        'crm/even.ts': "import { odd } from './odd.js';\nexport const even = (n: number): boolean => n === 0 || odd(n - 1);\n",
        'crm/odd.ts': "import { even } from './even.js';\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1);\n",
      },
    ],
    [
      'a line of 200,000 characters',
      { [file]: `${syncFile()}export type Long = ${Array.from({ length: 20_000 }, (_, at) => `'${at}___'`).join('|')};\n` },
    ],
  ])(
    '%s',
    async (_what, files) => {
      const { exitCode, errors } = await compile(files);
      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    },
    120_000,
  );

  it('a warning is an error with --strict, and part of --json without', async () => {
    const root = makeProject({ [file]: sync("async () => {\n  console.log('x');\n}") });
    const { output } = await runCli(root, ['compile', '--json']);
    expect(JSON.parse(output)).toMatchObject({ ok: true, warnings: [{ code: 'console_is_silent', line: 5 }] });
    expect(await runCli(root, ['compile', '--strict'])).toMatchObject({
      exitCode: 10,
      errors: expect.stringContaining('error console_is_silent'),
    });
  }, 120_000);
});
