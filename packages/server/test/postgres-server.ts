/** A Postgres server as Debian installs it, with its default settings, in a temporary folder: what `DATABASE_URL` names in real life. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';

const INSTALLED = '/usr/lib/postgresql';

export type Server = {
  readonly url: string;
  readonly version: string;
  readonly port: number;
  /** SIGINT: connections are cut and it ends in good order. SIGQUIT: as if it crashed. */
  restart(how: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  stop(): Promise<void>;
};

/** The folder of the newest server's programs; undefined when this machine has none. */
export function findServer(): string | undefined {
  const majors = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  return majors.map((major) => join(INSTALLED, major, 'bin')).find((bin) => existsSync(join(bin, 'postgres')));
}

/** Vitest calls this once before the tests of its project. @public */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { provideDatabases } = await import('./postgres.ts');
  const server = await startServer();
  if (!server) throw new Error(`no Postgres server in ${INSTALLED}`);
  await provideDatabases(project, server.url);
  return server.stop;
}

/** @param settings besides those of Debian */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<Server | undefined> {
  const bin = findServer();
  if (bin === undefined) return undefined;
  const data = mkdtempSync(join(tmpdir(), 'bowline-server-'));
  const isRoot = process.getuid?.() === 0; // Postgres refuses to be root
  if (isRoot) execFileSync('chown', ['nobody', data]);
  const how = { cwd: '/', ...(isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}) };
  const options = ['-U', 'bowline', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'];
  const made = spawnSync(join(bin, 'initdb'), ['-D', join(data, 'cluster'), ...options], { ...how, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const more = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const where = ['-D', join(data, 'cluster'), '-p', String(port), '-k', data, '-c', 'listen_addresses=127.0.0.1', ...more];
  const launch = () => spawn(join(bin, 'postgres'), where, { ...how, stdio: 'ignore' });
  let child = launch();
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: 'SIGINT' | 'SIGQUIT') => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  const quit = () => child.kill('SIGQUIT');
  process.on('exit', quit);
  const at = `postgres://bowline@127.0.0.1:${port}`;
  await answering(`${at}/postgres`, 'create database bowline', hasEnded);
  return {
    url: `${at}/bowline`,
    version: `PostgreSQL ${bin.split('/').at(-2)}`,
    port,
    restart: async (signal) => {
      await end(signal);
      child = launch();
      await answering(`${at}/bowline`, 'select 1', hasEnded);
    },
    stop: async () => {
      process.off('exit', quit);
      await end('SIGINT');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** What a crash left to be recovered takes a busy machine more than 5 s: as long as the server is there, it is waited for. */
async function answering(url: string, statement: string, hasEnded: () => boolean): Promise<void> {
  for (const started = performance.now(); ; ) {
    const client = new Client({ connectionString: url });
    client.on('error', () => {}); // a server that starts may end it again
    try {
      await client.connect();
      await client.query(statement);
      return;
    } catch (error) {
      if (hasEnded() || performance.now() - started > 120_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
