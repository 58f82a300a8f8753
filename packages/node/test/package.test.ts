/** What is published: built, packed, and used the way users do, in each runtime at hand. */
import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';
import { findDeno } from '../../sandbox/src/deno.ts';
import { build } from '../build.mjs';
import { compile } from './compile.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'bowline-package-'));
/** A project that has the packed package, and nothing else. */
const project = join(folder, 'project');
const installed = join(project, 'node_modules/@bowline/node');
let tarball: string;
let server: Upstream;

beforeAll(async () => {
  const built = await build(join(folder, 'dist'));
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built, encoding: 'utf8' }));
  tarball = join(folder, packed.filename);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '-C', installed, '--strip-components', '1']);
  server = await startUpstream(({ headers }, response) =>
    json(response, 200, { records: [{ id: '1' }], next_cursor: null, agent: headers['user-agent'] }),
  );
}, 120_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const manifest = () => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));

test('it depends on nothing, and says so', () => {
  for (const field of ['dependencies', 'peerDependencies', 'devDependencies', 'private', 'scripts'])
    expect(manifest()).not.toHaveProperty(field);
  expect(manifest()).toMatchObject({ name: '@bowline/node', license: 'Apache-2.0', engines: { node: '>=20' } });
  for (const file of ['LICENSE', 'THIRD-PARTY-LICENSES', 'README.md']) expect(existsSync(join(installed, file)), file).toBe(true);
  expect(readFileSync(join(installed, 'THIRD-PARTY-LICENSES'), 'utf8')).toContain('Paul Miller');
  for (const name of readdirSync(installed).filter((one) => /\.(d\.)?c?[jt]s$/.test(one))) {
    const text = readFileSync(join(installed, name), 'utf8').replaceAll(/^\s*\*.*$/gm, ''); // examples in comments import the package itself
    const imported = [...text.matchAll(/(?:from|import|require)\s*\(?['"]([^'"]+)['"]/g)].map(([, specifier = '']) => specifier);
    const foreign = imported.filter((specifier) => !/^\.\/[\w-]+\.c?js$/.test(specifier));
    expect(
      foreign.filter((specifier) => !(/^file\./.test(name) && specifier.startsWith('node:'))),
      name,
    ).toEqual([]);
  }
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('its types resolve in every module system', async () => {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  const problems = result.types ? result.problems : ['no types'];
  expect(problems).toEqual([]);
});

test.each([
  ['an ES module with the types of Node', 'mts', { types: ['node'] }],
  ['CommonJS with the types of Node', 'cts', { types: ['node'] }],
  ['an ES module with the types of a browser', 'mts', { types: [], lib: ['es2023', 'dom', 'dom.iterable'] }],
  ['a bundler', 'ts', { types: ['node'], module: 'esnext', moduleResolution: 'bundler' }],
])('its types hold in %s, each of its declarations checked', async (name, extension, options) => {
  const file = join(project, `${name.replaceAll(/\W/g, '-')}.${extension}`);
  copyFileSync(fileURLToPath(new URL('inference.fixture.ts', import.meta.url)), file);
  expect(await compile([file], { skipLibCheck: false, ...options })).toBe('');
});

/** Reads a page and verifies a webhook; prints what came of it. */
const program = (load: string) => `${load}
const client = new Bowline({ host: '${'{host}'}', secretKey: '11111111-2222-4333-8444-555555555555' });
const run = async () => {
  const page = await client.listRecords({ providerConfigKey: 'a', connectionId: 'b', model: 'Row' });
  const hmac = '3bbf2b1b32f9e4a8ba4c36ee5b79ba1cf4d3ac9e3a2c9f3fb8df9b7d0ac9de52';
  const refused = client.verifyIncomingWebhookRequest('{}', { 'x-nango-hmac-sha256': hmac });
  const store = fileCursors('cursors');
  await store.save('key', 'cursor');
  const error = await new Bowline({ host: '${'{host}'}', secretKey: 'x', fetch: () => Promise.reject(new Error('down')), retries: 0 }).listIntegrations().catch((e) => e);
  console.log(JSON.stringify([[...page].length, refused, Bowline === Nango, await store.load('key'), error instanceof BowlineError && error.code]));
};
run();
`;
const expected = '[1,false,true,"cursor","network_error"]';
const esm = program("import { Bowline, BowlineError, Nango } from '@bowline/node';\nimport { fileCursors } from '@bowline/node/file';");
const cjs = program(
  "const { Bowline, BowlineError, Nango } = require('@bowline/node');\nconst { fileCursors } = require('@bowline/node/file');",
);
const written = (name: string, code: string) => {
  const file = join(project, name);
  writeFileSync(file, code.replaceAll('{host}', server.url));
  return file;
};

test.each([
  ['an ES module', 'program.mjs', esm],
  ['CommonJS', 'program.cjs', cjs],
])('it works in Node as %s', async (_name, file, code) => {
  const { stdout, stderr } = await run(process.execPath, [written(file, code)], { cwd: project });
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe(expected);
});

test('it works in Deno, without the right to read the environment', async () => {
  const deno = findDeno(folder);
  const rights = [
    '--no-prompt',
    '--no-remote',
    '--no-lock',
    '--node-modules-dir=manual',
    '--allow-net',
    `--allow-read=${project}`,
    `--allow-write=${project}`,
  ];
  writeFileSync(join(project, 'package.json'), JSON.stringify({ dependencies: { '@bowline/node': '*' } }));
  const { stdout } = await run(deno, ['run', ...rights, written('deno.mjs', esm)], {
    cwd: project,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' },
  });
  expect(stdout.trim()).toBe(expected);
});

test('its main entry can be bundled for the edge: no module of Node, and small', async () => {
  const entry = written('edge.mjs', "export { Bowline } from '@bowline/node';");
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  const [bundle] = outputFiles;
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  expect(bundle?.text).not.toMatch(/node:|\brequire\(/);
  expect(bundle?.contents.length).toBeLessThan(40_000);
});

test('its main entry runs where there are the web’s own globals alone', async () => {
  const code = `import { Bowline } from '@bowline/node';
    const client = new Bowline({ host: '${server.url}', secretKey: 'key' });
    const call = { providerConfigKey: 'a', connectionId: 'b' };
    export const outcome = Promise.all([
      client.listRecords({ ...call, model: 'Row' }).then((page) => [...page].length),
      client.post({ ...call, endpoint: '/x', data: { a: 1 } }).then(({ status }) => status),
      client.verifyIncomingWebhookRequest('{}', { 'x-nango-hmac-sha256': '${createHmac('sha256', 'key').update('{}').digest('hex')}' }),
    ]);`;
  const entry = written('bare.mjs', code);
  const { outputFiles } = await esbuild.build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', globalName: 'bare' });
  const web = {
    AbortController,
    AbortSignal,
    Blob,
    FormData,
    Headers,
    ReadableStream,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
  };
  const context = createContext({ ...web, btoa, clearTimeout, fetch, setTimeout });
  runInContext(outputFiles[0]?.text ?? '', context);
  expect(await runInContext('bare.outcome', context)).toEqual([1, 200, true]);
});
