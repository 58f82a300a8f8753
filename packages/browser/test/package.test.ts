/** What is published: built, packed, and used the way users do: by Node on a server, by a bundler, by a page without one, by the compiler. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../node/test/compile.ts';
import { build } from '../build.mjs';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bowline-browser-'));
/** A project that has the packed package, and React. */
const project = join(folder, 'project');
const installed = join(project, 'node_modules/@bowline/browser');
let tarball: string;

beforeAll(async () => {
  const built = await build(join(folder, 'dist'));
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built, encoding: 'utf8' }));
  tarball = join(folder, packed.filename);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '-C', installed, '--strip-components', '1']);
  for (const name of ['react', 'react-dom', 'scheduler', '@types']) symlinkSync(join(modules, name), join(project, 'node_modules', name));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifest = () => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const written = (name: string, code: string) => {
  const file = join(project, name);
  writeFileSync(file, code);
  return file;
};
const bundle = async (code: string): Promise<string> => {
  const entryPoints = [written('entry.mjs', code)];
  const { outputFiles } = await esbuild.build({
    entryPoints,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    external: ['react'],
  });
  return outputFiles[0]?.text ?? '';
};

test('it depends on nothing, and says so', () => {
  for (const field of ['dependencies', 'devDependencies', 'private', 'scripts']) expect(manifest()).not.toHaveProperty(field);
  expect(manifest()).toMatchObject({ name: '@bowline/browser', license: 'Apache-2.0', peerDependencies: { react: '>=18' } });
  for (const file of ['LICENSE', 'README.md']) expect(existsSync(join(installed, file)), file).toBe(true);
  for (const name of readdirSync(installed).filter((one) => /\.(d\.)?c?[jt]s$/.test(one))) {
    const text = readFileSync(join(installed, name), 'utf8').replaceAll(/^\s*\*.*$/gm, ''); // examples in comments import the package itself
    const imported = [...text.matchAll(/(?:from|import|require)\s*\(?['"]([^'"]+)['"]/g)].map(([, specifier = '']) => specifier);
    const foreign = imported.filter(
      (specifier) => !/^\.\/[\w-]+\.c?js$/.test(specifier) && !(/^react\./.test(name) && specifier === 'react'),
    );
    expect(foreign, name).toEqual([]);
  }
});

test('publint finds nothing', async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true });
  expect(messages.map((message) => formatMessage(message, manifest()))).toEqual([]);
});

test('its core is small: under 8 KB as it goes over the wire', async () => {
  const sizes: Record<string, number> = {};
  for (const entry of ['', '/elements', '/react']) {
    sizes[`@bowline/browser${entry}`] = gzipSync(await bundle(`export * from '@bowline/browser${entry}';`), { level: 9 }).length;
  }
  console.log('gzipped bytes', sizes);
  expect(sizes['@bowline/browser']).toBeLessThan(8_000);
  expect(sizes['@bowline/browser/elements']).toBeLessThan(16_000);
});

test('who uses the core carries no component', async () => {
  expect(await bundle(`export { Bowline } from '@bowline/browser';`)).not.toContain('bowline-field-mapping');
});

test.each([
  ['an ES module', 'program.mjs', (name: string) => `import * as it from '${name}';`],
  ['CommonJS', 'program.cjs', (name: string) => `const it = require('${name}');`],
])('it loads on a server, where there is no page, as %s', async (_name, file, load) => {
  for (const name of ['@bowline/browser', '@bowline/browser/elements', '@bowline/browser/react']) {
    const { stdout, stderr } = await run(process.execPath, [written(file, `${load(name)}\nconsole.log(Object.keys(it).length > 2);`)], {
      cwd: project,
    });
    expect([name, stdout.trim(), stderr]).toEqual([name, 'true', '']);
  }
});

test('a page without a bundler loads it by its address, and the same client twice is one class', async () => {
  const server = createServer((request, response) => {
    const file = join(installed, request.url ?? '');
    const isPage = request.url === '/';
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
    response.setHeader('content-security-policy', "default-src 'self'; script-src 'self' 'unsafe-inline'");
    response.end(isPage ? page : existsSync(file) ? readFileSync(file) : '');
  });
  const page = `<!doctype html><bowline-connect-button>Go</bowline-connect-button><script type="module">
    import { Bowline, Nango } from '/index.js';
    import { ConnectButtonElement } from '/elements.js';
    globalThis.found = [Bowline === Nango, document.querySelector('bowline-connect-button') instanceof ConnectButtonElement];
  </script>`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(String(error)));
    tab.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && errors.push(message.text()));
    await tab.goto(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
    await tab.waitForFunction('globalThis.found !== undefined');
    expect([await tab.evaluate('found'), errors]).toEqual([[true, true], []]);
  } finally {
    await browser.close();
    server.close();
  }
});

const usage = `
import { AuthError, type AuthResult, Bowline, ConnectUI, Nango } from '@bowline/browser';
import { FieldMappingElement, mappingSource } from '@bowline/browser/elements';
const client = new Bowline({ connectSessionToken: 'token' });
const other: Nango = new Nango({ host: 'https://x.test', websocketsPath: '/', width: 1, height: 1, debug: true, connectSessionToken: async () => 'token' });
export async function connect(): Promise<string> {
  const result: AuthResult = await client.auth('zendesk', 'user123');
  await other.auth('zendesk', { params: { subdomain: 'a' }, detectClosedAuthWindow: true, authorization_params: { prompt: undefined } });
  await client.auth('a', 'b', { credentials: { type: 'AWS_SIGV4', role_arn: 'arn' } });
  await client.create('open', 'id'); await client.reconnect('zendesk');
  const ui: ConnectUI = await client.openConnectUI({ onEvent: (event) => { if (event.type === 'connect') console.log(event.payload.connectionId); } });
  ui.setSessionToken('x'); ui.close(); client.clear(); client.win?.modal.focus();
  const element: FieldMappingElement = document.createElement('bowline-field-mapping');
  element.source = mappingSource('/api');
  return result.ok ? result.connectionId : '';
}
export const words = (error: unknown) => (error instanceof AuthError && error.type === 'window_closed' ? 'closed' : '');
`;
const component = `
import { ConnectButton, ConnectionStatus, FieldMapping, mappingSource } from '@bowline/browser/react';
import { Bowline } from '@bowline/browser';
const client = new Bowline({ connectSessionToken: 'token' });
const source = mappingSource('/api');
export const page = () => <>
  <ConnectButton client={client} integration="github" onConnect={({ connectionId }) => console.log(connectionId)} onError={({ type }) => console.log(type)}>Connect</ConnectButton>
  <ConnectionStatus source={async () => ({ status: 'broken' })} theme="dark" /><FieldMapping source={source} onMapped={(mapping) => console.log(mapping.a)} />
</>;
`;
const wrong = `
import { Bowline } from '@bowline/browser';
// @ts-expect-error a public key is not accepted
new Bowline({ publicKey: 'x' });
// @ts-expect-error there is no such mode
new Bowline().auth('a', { mode: 'window' });
`;

test('its types hold, with nothing skipped, for pages and for React', async () => {
  const options = { lib: ['es2023', 'dom', 'dom.iterable'], jsx: 'react-jsx', skipLibCheck: false, types: [], typeRoots: [] };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  const files = [written('usage.mts', usage), written('component.tsx', component), written('wrong.mts', wrong)];
  expect(await compile(files, options)).toBe('');
  expect(await compile([written('usage.cts', usage)], options)).toBe('');
});
