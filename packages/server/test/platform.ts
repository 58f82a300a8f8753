/**
 * The whole platform for tests: a World on a real database, a real HTTP server, workers and sandboxes. Two on one database stand for
 * two processes. The clock is the real one, moved by what a test says; what the database stamps itself does not move with it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { type Logger, pino } from 'pino';
import { afterAll } from 'vitest';
import { build } from '../../runner/build.mjs';
import { ensureAccount } from '../src/accounts/create.ts';
import { createApp } from '../src/app.ts';
import { parseConfig } from '../src/base/config.ts';
import type { Lookup } from '../src/base/outbound-connect.ts';
import { connectPostgres } from '../src/base/postgres.ts';
import { listApiKeys } from '../src/environments/api-key.ts';
import { createApiKey } from '../src/environments/create-api-key.ts';
import { listEnvironments } from '../src/environments/find.ts';
import { internalScope, type Scope } from '../src/http/scope.ts';
import { createWorld } from '../src/main.ts';
import { migrateQueue } from '../src/queue/work.ts';
import type { RunWorld } from '../src/runs/context.ts';
import { startWorker } from '../src/worker.ts';
import { freshDatabase, type TestDatabase } from './postgres.ts';

export type PlatformOptions = {
  /** Default: a new one. Hand in another platform's to stand beside it. */
  database?: TestDatabase;
  /** Hosts (`127.0.0.1:4000`) that may be reached although they are private. */
  allow?: readonly string[];
  /** Resolves the names that outbound requests go to. Default: the system's resolver. */
  lookup?: Lookup;
  /** Files or folders of further providers. */
  providers?: readonly string[];
  /** Default: a free one. */
  port?: number;
  /** False: nothing happens without a caller. */
  worker?: boolean;
  /** The functions of the catalogue. Default: those that were built. */
  templatesPath?: string;
  /** Further settings. */
  env?: Readonly<Record<string, string>>;
  /** Where the server's own log goes. Default: nowhere, or to stdout at the level of TEST_LOG. */
  log?: Logger;
};
/** Answers are looked into by path; a wrong path fails the test. */
export type Json = ReturnType<typeof JSON.parse>;
export type Answer = { status: number; body: Json; headers: Headers };
export type Platform = {
  readonly url: string;
  readonly database: TestDatabase;
  readonly world: RunWorld;
  /** Of environment `dev`, with every right. */
  readonly apiKey: string;
  /** As environment `dev`; other `headers` replace the key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  scopeOf(environment: 'dev' | 'prod'): Promise<Scope>;
  /** A further key of an environment with these scopes. */
  keyOf(environment: 'dev' | 'prod', scopes?: readonly string[]): Promise<string>;
  /** A key of the account with these scopes. */
  accountKeyOf(scopes?: readonly string[]): Promise<string>;
  /** As a member who is signed in to the dashboard and works in this environment. */
  member(environment?: string): Promise<Platform['call']>;
  /** Moves the clock of this World. */
  advance(ms: number): void;
  stop(): Promise<void>;
};

const encryptionKey = Buffer.alloc(32, 7).toString('base64');
let runner: Promise<string> | undefined;

const threads = new Map<string, Promise<string>>();

/** Built when one is first needed. */
export const schemaWorkerPath = (): Promise<string> => threadPath('base/schema-worker.ts');
export const pageThreadPath = (): Promise<string> => threadPath('records/page-thread.ts');

function threadPath(source: string): Promise<string> {
  const path = threads.get(source) ?? buildThread(source);
  threads.set(source, path);
  return path;
}

async function buildThread(source: string): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'bowline-thread-')), 'thread.mjs');
  const banner = { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" };
  const entry = fileURLToPath(new URL(`../src/${source}`, import.meta.url));
  await esbuild.build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', banner });
  return outfile;
}

/** The path of the runner, built once for a test file. */
export function builtRunner(): Promise<string> {
  runner ??= build(join(mkdtempSync(join(tmpdir(), 'bowline-runner-')), 'runner.js'));
  return runner;
}

/** Stopped when the test file is done, unless it was stopped before. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const home = mkdtempSync(join(tmpdir(), 'bowline-platform-'));
  const runnerPath = await builtRunner();
  const database = options.database ?? (await freshDatabase());
  const port = options.port ?? (await freePort());
  const log = options.log ?? pino({ level: process.env.TEST_LOG ?? 'silent' });
  const config = parseConfig({
    BOWLINE_HOME: home,
    PORT: String(port),
    BOWLINE_PUBLIC_URL: `http://localhost:${port}`,
    BOWLINE_ENCRYPTION_KEY: encryptionKey,
    BOWLINE_ADMIN_PASSWORD: 'correct horse',
    ...options.env,
  });
  const { pool, db } = connectPostgres(database.target, { max: 12, log });
  const stops: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true }), () => pool.end()];
  await migrateQueue({ pool, log });
  let movedMs = 0;
  const world = await createWorld({
    config,
    log,
    db,
    target: database.target,
    stops,
    providers: options.providers ?? [],
    allow: options.allow ?? [],
    clock: { now: () => new Date(Date.now() + movedMs) },
    ...given(options),
    sandboxes: { runnerPath, warm: options.worker === false ? 0 : 1 },
  });
  const { accountId } = await ensureAccount(world);
  const app = await createApp(world);
  stops.push(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  await app.listen({ port, host: '127.0.0.1' });
  if (options.worker !== false) stops.push(await startWorker(world, pool, () => {}));
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  afterAll(stop);
  const scopeOf = async (name: string) => {
    const found = (await listEnvironments(world, accountId)).find((one) => one.name === name);
    if (!found) throw new Error(`no environment ${name}`);
    return internalScope(found);
  };
  const [key] = await listApiKeys(world, await scopeOf('dev'));
  const url = `http://127.0.0.1:${port}`;
  const apiKey = key?.secret ?? '';
  return {
    url,
    database,
    world,
    apiKey,
    call: caller(url, { authorization: `Bearer ${apiKey}` }),
    scopeOf,
    keyOf: async (name, scopes) => {
      const displayName = world.random.uuid();
      return (await createApiKey(world, await scopeOf(name), { displayName, scopes })).secret;
    },
    accountKeyOf: async (scopes) => (await createApiKey(world, { accountId }, { displayName: world.random.uuid(), scopes })).secret,
    member: (environment = 'dev') => signIn(url, environment),
    advance: (ms) => {
      movedMs += ms;
    },
    stop,
  };
}

/** What createWorld has a default of its own for. */
function given({ lookup, templatesPath }: PlatformOptions) {
  return { schemaWorkerPath, pageThreadPath, ...(lookup ? { lookup } : {}), ...(templatesPath === undefined ? {} : { templatesPath }) };
}

async function signIn(url: string, environment: string): Promise<Platform['call']> {
  const as = caller(url, {});
  const { headers } = await as('POST', '/api/session', { email: 'admin@localhost', password: 'correct horse' });
  return caller(url, { cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '', 'x-bowline-environment': environment });
}

/** `own`: who calls, unless a call says otherwise. */
function caller(url: string, own: Record<string, string>): Platform['call'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...own,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Waits until `look` answers something other than undefined or false; fails loudly instead of hanging. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, what: string, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`it never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
