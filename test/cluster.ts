/**
 * Several processes of the platform on one Postgres server, as an operator runs them: the same database and key for all, a folder and a port for each.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../demo/src/place.ts';
import { root, until } from './platform.ts';

export type Member = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly role: string;
  readonly url: string;
  readonly exited: Promise<unknown>;
  /** What it wrote to its log and its terminal. */
  output(): string;
  /** SIGTERM, and its end. */
  stop(): Promise<void>;
};
export type Settings = {
  databaseUrl: string;
  providers?: readonly string[];
  allow?: readonly string[];
  env?: Readonly<Record<string, string>>;
};
export type Cluster = ReturnType<typeof openCluster>;

/** Of environment `dev`, for every process. */
export const API_KEY = '3c1f0c2e-5a41-4c3f-9d5b-6a2f0f1f9a01';
export const PASSWORD = 'correct horse';

/** Nothing runs yet. Close it at the end. */
export function openCluster({ databaseUrl, providers = [], allow = [], env = {} }: Settings) {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-cluster-'));
  const members = new Set<Member>();
  let started = 0;
  let closed = false;
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const common = {
    DATABASE_URL: databaseUrl,
    BOWLINE_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
    BOWLINE_SECRET_KEY_DEV: API_KEY,
    BOWLINE_ADMIN_PASSWORD: PASSWORD,
    BOWLINE_OUTBOUND_ALLOW: allow.join(','),
    BOWLINE_LOG_LEVEL: 'warn',
    ...(providers[0] ? { BOWLINE_PROVIDERS: providers[0] } : {}),
  };
  return {
    members,
    /** Where the processes, and those below them, keep what is of no use after them. */
    temporary,
    /** With `bowline start`, or quicker, by a script that ends with this process. Resolves once it is ready to be asked, or has ended. */
    async start(role: string, { port, isQuick = false }: { port?: number; isQuick?: boolean } = {}): Promise<Member> {
      const at = port ?? (await freePorts(1))[0] ?? 0;
      started += 1;
      const words = isQuick
        ? [join(root, 'test/serve.mjs')]
        : [join(root, 'packages/cli/dist/bowline.js'), 'start', '--role', role, '--port', String(at)];
      const child = spawn(process.execPath, words, {
        env: {
          ...inherited(),
          ...common,
          ...(isQuick ? { BOWLINE_ROLES: role, PORT: String(at) } : {}),
          BOWLINE_HOME: join(folder, `home-${started}`),
          TMPDIR: temporary,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe', ...(isQuick ? ['ipc' as const] : [])],
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (piece: string) => {
          text = (text + piece).slice(-200_000);
          if (process.env.CLUSTER_LOG) process.stdout.write(piece);
        });
      let isUp = false;
      child.once('message', () => {
        isUp = true;
      });
      const exited = once(child, 'exit');
      const member: Member = {
        child,
        pid: child.pid ?? 0,
        role,
        url: `http://127.0.0.1:${at}`,
        exited,
        output: () => text,
        stop: async () => {
          if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
          await exited;
        },
      };
      members.add(member);
      child.once('exit', () => members.delete(member));
      await until(
        `a process with the roles ${role} runs`,
        () => child.exitCode !== null || child.signalCode !== null || isUp || text.includes('Bowline '),
        60_000,
      );
      return member;
    },
    isClosed: () => closed,
    async close(): Promise<void> {
      closed = true;
      for (const { child } of members) child.kill('SIGKILL');
      await Promise.all([...members].map(({ exited }) => exited));
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Asks one process with the key of `dev`. */
export async function ask<T = ReturnType<typeof JSON.parse>>(
  { url }: Pick<Member, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: T }> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: text as T }; // a page, or nothing
  }
}

/** The surrounding settings belong to another platform. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$|NODE_OPTIONS$)/.test(name)),
  );
}
