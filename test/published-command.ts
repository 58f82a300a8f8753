/**
 * The published command of the reference system, unmodified: installed on demand, beside the workspace (it weighs 220 MB, and has packages of our
 * names in other versions), and run as a process of its own. Nothing of it is read; what it asks a server for is seen by `watchRequests`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { root } from './platform.ts';

const wanted = join(root, 'test/reference-cli');
const place = join(root, 'node_modules/.reference-cli');
const modules = join(place, 'node_modules');
/** What npm says of a registry that cannot be reached; any other failure is a failure. */
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|network request/i;

/** @returns why it cannot be had, or undefined when it is there */
export function installPublishedCommand(): string | undefined {
  const lock = readFileSync(join(wanted, 'package-lock.json'));
  const sum = createHash('sha256').update(lock).digest('hex');
  const stamp = join(place, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sum) return undefined;
  mkdirSync(place, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(wanted, file), join(place, file));
  const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'];
  const done = spawnSync('npm', [...words, '--loglevel=error'], { cwd: place, encoding: 'utf8', env: foreign(process.env) });
  if (done.status === 0) {
    writeFileSync(stamp, sum);
    return undefined;
  }
  const reason = `${done.stdout}${done.stderr}${done.error ?? ''}`;
  if (unreachable.test(reason))
    return `the published command cannot be installed here, the npm registry does not answer:\n${reason.trim()}`;
  throw new Error(`npm could not install the published command:\n${reason}`);
}

/** @param folder of the project */
export const lendModules = (folder: string): void => symlinkSync(modules, join(folder, 'node_modules'), 'dir');

export type Ran = { status: number | null; output: string };
type Target = { url: string; key: string };

/** Runs it in the folder of a project; what it prints on both channels is one text. Nothing is asked, installed or upgraded. */
export function published(folder: string, words: string[], { url, key }: Partial<Target> = {}, input = ''): Promise<Ran> {
  const flags = ['--no-dependency-update', '--no-interactive', '--auto-confirm'];
  const home = join(folder, '..', '.home-of-the-published-command');
  const env = {
    ...foreign(process.env),
    HOME: home,
    XDG_CONFIG_HOME: home,
    NO_COLOR: '1',
    NANGO_CLI_UPGRADE_MODE: 'ignore',
    ...(url && { NANGO_HOSTPORT: url }),
    ...(key && { NANGO_SECRET_KEY_DEV: key }),
  };
  return runProgram([join(modules, 'nango/dist/index.js'), ...words, ...flags], folder, env, input);
}

/** A program of Node, to its end. What it prints is one text, without colours. */
export function runProgram(words: string[], cwd: string, env: NodeJS.ProcessEnv, input = ''): Promise<Ran> {
  const child = spawn(process.execPath, words, { cwd, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  child.stdin.on('error', () => undefined); // it may end without reading
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output: stripVTControlCharacters(output) }));
  });
}

/** Settings of this machine's own work, and `CI`, in which the command asks and prints differently. */
function foreign(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(BOWLINE_|NANGO_|npm_|VITEST|NODE_OPTIONS$|NODE_ENV$|CI$)/.test(name)),
  );
}

export type Asked = { method: string; path: string; headers: IncomingHttpHeaders; body: unknown; status: number; answer: unknown };

/** Stands before a server and keeps what is asked and answered. */
export async function watchRequests(target: string) {
  const asked: Asked[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const { method = 'GET', url: path = '/', headers } = incoming;
    const outgoing = request({ hostname, port, method, path, headers }, async (answer) => {
      const bytes = Buffer.concat(await answer.toArray());
      const text = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      const { statusCode: status = 0 } = answer;
      asked.push({ method, path, headers, body: parsed(body), status, answer: parsed(text) });
      response.writeHead(status, answer.headers).end(bytes);
    });
    outgoing.on('error', () => response.destroy());
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, asked, stop };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return bytes.toString();
  }
}

/** Files of a project, written. */
export function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
