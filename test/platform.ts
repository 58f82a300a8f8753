/**
 * A platform for tests: the built server in a process of its own on a data folder of its own, the way `npm start` runs it.
 * It can be stopped, started again on the same folder and killed with everything below it.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@bowline/api/client';
import { publicRoutes, routes } from '@bowline/api/routes';
import { Nango } from '@nangohq/node';
import { freePorts } from '../demo/src/place.ts';
import { descendants, killOne, postmaster } from './processes.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
type Running = {
  url: string;
  firstStart: boolean;
  admin: { email: string; password?: string };
  apiKey: string;
  signingKey: string;
  environmentUuid: string;
};
export type StartOptions = { home: string; port: number; providers?: string[]; allow?: string[]; env?: Record<string, string> };
export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/** A folder for data, with a free port for whoever works on it. Remove it with `dropHome`. */
export async function makeHome(): Promise<{ home: string; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-e2e-'));
  chmodSync(folder, 0o711); // run by root, Postgres is another user's, who must pass through
  const [port = 0] = await freePorts(1);
  return { home: join(folder, 'home'), port };
}

export function dropHome({ home }: { home: string }): void {
  rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

export async function startPlatform({ home, port, providers = [], allow = [], env = {} }: StartOptions) {
  const child = fork(join(root, 'test/serve.mjs'), [JSON.stringify({ providers, allow })], {
    env: { ...clean(process.env), BOWLINE_LOG_LEVEL: 'error', ...env, BOWLINE_HOME: home, PORT: String(port) },
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const running = await new Promise<Running>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Running)); // sent by serve.mjs
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code} before it ran`)));
  });
  const pid = child.pid ?? 0;
  const headers = () => ({ authorization: `Bearer ${running.apiKey}` });
  return {
    ...running,
    home,
    pid,
    child,
    exited,
    api: createClient(publicRoutes, { baseUrl: running.url, headers }),
    nango: new Nango({ host: running.url, secretKey: running.apiKey, webhookSigningKey: running.signingKey }),
    /** Any request with the API key. */
    fetch: (path: string, init: RequestInit = {}) =>
      fetch(`${running.url}${path}`, { ...init, headers: { ...headers(), ...init.headers } }),
    tree: () => [pid, ...descendants(pid), ...postmaster(home)],
    /** SIGKILL to the process and everything below it, Postgres included. */
    kill: async () => {
      for (const one of [pid, ...descendants(pid), ...postmaster(home)]) killOne(one);
      await exited;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Signs in as the first account. @param password as it was printed at the first start */
export async function signIn(platform: Platform, password: string | undefined = platform.admin.password) {
  let cookie = '';
  const keeping: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return response;
  };
  const headers = () => ({ 'x-bowline-environment': 'dev', ...(cookie && { cookie }) });
  const { dashboard } = createClient({ dashboard: routes.dashboard }, { baseUrl: platform.url, fetch: keeping, headers });
  await dashboard.signIn({ body: { email: platform.admin.email, password: password ?? '' } });
  return dashboard;
}

/** Deploys a project with the built command. */
export function deploy(platform: Platform, project = join(root, 'test/functions')): void {
  const done = spawnSync(
    process.execPath,
    [join(root, 'packages/cli/dist/bowline.js'), 'deploy', 'dev', '--host', platform.url, '--auto-confirm'],
    {
      cwd: project,
      env: { ...process.env, BOWLINE_SECRET_KEY_DEV: platform.apiKey, NO_COLOR: '1' },
      encoding: 'utf8',
    },
  );
  if (done.status !== 0) throw new Error(`bowline deploy ended with ${done.status}\n${done.stdout}${done.stderr}`);
}

/** Asks until there is an answer; the time only bounds how long a broken test takes. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  // At first often, for what is about to happen; then seldom, for asking takes time from what is asked about.
  for (let end = performance.now() + timeoutMs, waitMs = 5; performance.now() < end; waitMs = Math.min(waitMs * 1.2, 50)) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}

/** The surrounding settings belong to another platform. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$)/.test(name)));
}
