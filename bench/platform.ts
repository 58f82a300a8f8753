/**
 * The real platform, from `packages/server/dist/main.js`, as a process of its own in a temporary data folder: the load does not share its event loop.
 * Also the processes it is compared with (`beside.ts`), and what a benchmark needs set up in it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Beside = { readonly pid: number; stop(): Promise<void> };
export type Platform = Beside & {
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  /** The folder of its own providers. */
  readonly providers: string;
  /** Its database: the embedded one's socket folder, or the URL it was given. */
  readonly database: string | { host: string; user: string; database: string };
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
};

export type PlatformOptions = {
  databaseUrl?: string | undefined;
  upstream?: number;
  connections?: number;
  /** Number of the core its main process is bound to, by Linux' `taskset`. */
  core?: number;
  /** Requests a minute; 0, unless said: a load would meet any limit. */
  rateLimit?: number;
  /** Its database has what another one set up. */
  joins?: boolean;
  /** Further settings. */
  env?: Readonly<Record<string, string>>;
};

/** A temporary folder that a Postgres run by another user may pass through; gone when the process ends. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-bench-'));
  chmodSync(folder, 0o711);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

const INTEGRATION = 'bench';
const CONNECTION = 'bench-0';
/** Headers that name the n-th connection. */
export const targetOf = (n: number) => ({ 'connection-id': `bench-${n}`, 'provider-config-key': INTEGRATION });
export const target = targetOf(0);

/** Started, with an OAuth 2 integration whose API is at `upstream`, and connections through it. */
export async function startPlatform({
  databaseUrl,
  upstream = 1,
  connections = 1,
  rateLimit = 0,
  core,
  joins = false,
  env = {},
}: PlatformOptions = {}): Promise<Platform> {
  const folder = makeFolder();
  const home = join(folder, 'home');
  const providers = join(folder, 'providers');
  mkdirSync(providers);
  writeFileSync(join(providers, 'bench.yaml'), provider(upstream));
  const port = await freePort();
  const { child, said } = await startBeside('platform', {
    ...foreign(process.env),
    BOWLINE_HOME: home,
    BOWLINE_LOG_LEVEL: 'warn',
    BOWLINE_PROVIDERS: providers,
    BOWLINE_OUTBOUND_ALLOW: '127.0.0.1',
    BOWLINE_RATE_LIMIT_PER_MINUTE: String(rateLimit),
    PORT: String(port),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    ...env,
    ...(core === undefined ? {} : { ONE_CORE: String(core) }),
    ...env,
  });
  const { apiKey } = said as { apiKey: string }; // sent by beside.ts
  const url = `http://127.0.0.1:${port}`;
  const call: Platform['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const platform: Platform = {
    pid: child.pid ?? 0,
    url,
    port,
    apiKey,
    providers,
    database: databaseUrl ?? { host: join(home, 'postgres/run'), user: 'bowline', database: 'bowline' },
    call,
    stop: () => end(child),
  };
  if (joins) return platform;
  const client = { type: 'OAUTH2', client_id: 'bench', client_secret: 'bench-secret', scopes: 'read' };
  await call('POST', '/integrations', { provider: 'bench', unique_key: INTEGRATION, credentials: client });
  for (let n = 0; n < connections; n++)
    await call('POST', '/connections', {
      provider_config_key: INTEGRATION,
      connection_id: targetOf(n)['connection-id'],
      credentials: { type: 'OAUTH2', access_token: 'bench-access-token-0123456789' },
    });
  return platform;
}

const provider = (upstream: number) => `display_name: Bench
categories: [other]
auth_mode: OAUTH2
authorization_url: http://127.0.0.1:${upstream}/authorize
token_url: http://127.0.0.1:${upstream}/token
proxy:
  base_url: http://127.0.0.1:${upstream}
docs: https://example.com
`;

/** Deploys one function, as CommonJS text the way the command would send it. */
export async function deploy({ call }: Platform, type: 'sync' | 'action', name: string, js: string, models: string[] = []): Promise<void> {
  const runs = type === 'sync' ? 'every day' : null;
  await call('POST', '/sync/deploy', {
    flowConfigs: [{ type, syncName: name, providerConfigKey: INTEGRATION, models, runs, fileBody: { js, ts: '' } }],
    nangoYamlBody: '',
    reconcile: false,
    debug: false,
  });
}

/** Runs a sync once. @returns how long it took in seconds, from the request to trigger it until its status says success */
export async function runSync({ call }: Platform, name: string): Promise<number> {
  const query = `syncs=${name}&provider_config_key=${INTEGRATION}&connection_id=${CONNECTION}`;
  const look = async () => ((await call('GET', `/sync/status?${query}`)) as { syncs: { status: string; finishedAt?: string }[] }).syncs[0];
  const before = (await look())?.finishedAt;
  const started = performance.now();
  await call('POST', '/sync/trigger', { syncs: [name], provider_config_key: INTEGRATION, connection_id: CONNECTION });
  for (;;) {
    const sync = await look();
    if (sync?.status === 'ERROR') throw new Error(`the sync ${name} failed`);
    if (sync?.finishedAt !== before && sync?.finishedAt !== undefined && sync.status !== 'RUNNING')
      return (performance.now() - started) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type Role = 'platform' | 'upstream' | 'raw-proxy' | 'bare';

/** A process of `beside.ts`; resolves with what it says when it is ready. */
export async function startBeside(role: Role, env: Record<string, string | undefined>): Promise<{ child: ChildProcess; said: unknown }> {
  const path = fileURLToPath(new URL('./beside.mjs', import.meta.url));
  const profile = role === 'platform' && process.env.BENCH_NODE_ARGS ? process.env.BENCH_NODE_ARGS.split(' ') : [];
  const [command = '', ...words] = [...(env.ONE_CORE ? ['taskset', '-c', env.ONE_CORE] : []), process.execPath, ...profile, path, role];
  const child = spawn(command, words, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  process.on('exit', () => child.kill('SIGKILL')); // only when the benchmark failed is there still one
  const said = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the ${role} ended with ${code} before it was ready`)));
  });
  return { child, said };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '::', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** The surrounding settings belong to another platform: its database, its keys. */
export function foreign(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$)/.test(name)));
}
