/** How commands reach a server, and what they say when that fails: real servers that misbehave, the real command. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { makeProject, runCli } from './project.ts';

const listen = async (server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
};

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const refusal = (code: string) => ({ error: { code, message: 'Said by the server' } });

/** `answer` for everything but the contract. */
const start = async (answer: (response: ServerResponse, asked: number) => void): Promise<{ host: string; asked: () => number }> => {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url === '/openapi.json')
      return json(response, 200, { info: { title: 'Bowline', version: '99.0.0' }, paths: { '/sync/deploy': {} } });
    asked += 1;
    answer(response, asked);
  });
  return { host: `http://127.0.0.1:${await listen(server)}`, asked: () => asked };
};

/** One command of each kind that asks a server. The exit code of each is its own; what it says is the same. */
const commands: readonly (readonly [string, string[], number])[] = [
  ['connections', ['connections'], 11],
  ['provider list', ['provider', 'list'], 11],
  ['dryrun', ['dryrun', 'repositories', 'one'], 12],
];

const against = async (host: string, words: string[], key = 'the-key') => {
  const root = makeProject({});
  await runCli(root, ['init', '.', '--yes']);
  const done = await runCli(root, [...words, '--host', host, '--secret-key', key]);
  expect(done.output + done.errors).not.toContain('the-key');
  return done;
};

describe.each(commands)('%s', (_name, words, exitCode) => {
  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      'a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /answered with a web page \(200\)/,
    ],
    [
      'a redirect, which the key would not survive or follow',
      (response) => response.writeHead(308, { location: 'https://bowline.example.com/x' }).end(),
      /sends elsewhere, to https:\/\/bowline\.example\.com \(308\).*--host https:\/\/bowline\.example\.com/,
    ],
    [
      'a proxy without a server',
      (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>'),
      /the server behind it does not \(502\)/,
    ],
    ['a form of another version', (response) => json(response, 200, { what: 1 }), /does not know. The server is of version 99\.0\.0/],
    [
      'a key that it does not take',
      (response) => json(response, 401, refusal('unknown_api_key')),
      /refused the API key from --secret-key \(401\)/,
    ],
    [
      'a key that may not',
      (response) => json(response, 403, refusal('forbidden')),
      /does not allow this to the API key from --secret-key \(403\): Said by the server\./,
    ],
  ])('explains an answer that is %s', async (_answer, answer, message) => {
    const { host } = await start(answer);
    expect(await against(host, words)).toMatchObject({ exitCode, errors: expect.stringMatching(message) });
  });

  it('says where nobody answers', async () => {
    const done = await against('http://127.0.0.1:1', words);
    expect(done).toMatchObject({ exitCode, errors: expect.stringContaining('Cannot reach http://127.0.0.1:1') });
  });
});

it('deploy says the same', async () => {
  const { host } = await start((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
  expect(await against(host, ['deploy'])).toMatchObject({
    exitCode: 11,
    errors: expect.stringMatching(/answered with a web page \(200\)/),
  });
});

describe('too many requests', () => {
  it('waits as long as the server says, and goes on', async () => {
    const { host, asked } = await start((response, count) =>
      count < 3 ? json(response, 429, refusal('too_many_request'), { 'retry-after': '1' }) : json(response, 200, { connections: [] }),
    );
    expect(await against(host, ['connections', '--json'])).toMatchObject({
      exitCode: 0,
      errors: expect.stringContaining('trying again in 1 s'),
    });
    expect(asked()).toBe(3);
  });

  it.each([
    ['longer than a minute', 'too_many_request', '3600'],
    ['for a limit that is not the server’s', 'action_script_failure', '1'],
  ])('does not wait %s', async (_why, code, seconds) => {
    const { host, asked } = await start((response) => json(response, 429, refusal(code), { 'retry-after': seconds }));
    expect(await against(host, ['connections'])).toMatchObject({ exitCode: 11, errors: expect.stringContaining(', 429)') });
    expect(asked()).toBe(1);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('certificates', () => {
  it('are checked, and a self-signed one is explained', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bowline-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const words = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
    ];
    expect(spawnSync('openssl', [...words, '-keyout', key, '-out', cert]).status).toBe(0);
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
      json(response, 200, { connections: [] }),
    );
    const host = `https://127.0.0.1:${await listen(server)}`;
    expect(await against(host, ['connections'])).toMatchObject({ exitCode: 11, errors: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
  });

  it('are not asked of a server without TLS', async () => {
    const { host } = await start((response) => json(response, 200, {}));
    const done = await against(host.replace('http:', 'https:'), ['connections']);
    expect(done.errors).toMatch(/wrong version number\)\. The server does not speak TLS there: write http:\/\//);
  });
});

describe('a proxy', () => {
  it('is taken from the environment, and never asked for a server on this machine', async () => {
    await build(['command']);
    const command = fileURLToPath(new URL('../dist/bowline.js', import.meta.url));
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      seen.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const env = { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}`, HTTP_PROXY: '' };
    const root = makeProject({});
    const run = (host: string): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [command, 'connections', '--host', host, '--secret-key', 'k'], { cwd: root, env });
        let errors = '';
        child.stderr.on('data', (chunk: Buffer) => {
          errors += chunk.toString();
        });
        child.on('close', () => resolve(errors));
      });
    expect(await run('https://bowline.example.com')).toMatch(/Cannot reach https:\/\/bowline\.example\.com .*HTTPS_PROXY/);
    expect(seen).toEqual(['bowline.example.com:443']);
    expect(await run('https://localhost:1')).toContain('Cannot reach https://localhost:1');
    expect(seen).toHaveLength(1);
  });
});
