/** A Postgres server as Debian installs it, with its default settings, in a temporary folder: what `DATABASE_URL` is measured with. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, makeFolder } from './platform.ts';

const INSTALLED = '/usr/lib/postgresql';

/** Undefined when this machine has no server binaries. */
export async function startServer(): Promise<{ url: string; version: string; stop(): Promise<void> } | undefined> {
  const [major] = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  if (major === undefined || !existsSync(join(INSTALLED, major, 'bin/postgres'))) return undefined;
  const bin = join(INSTALLED, major, 'bin');
  const data = join(makeFolder(), 'data');
  mkdirSync(data, { mode: 0o700 });
  const user = process.getuid?.() === 0 ? 'nobody' : undefined; // Postgres refuses to be root
  const ids = user ? { uid: idOf('-u', user), gid: idOf('-g', user) } : {};
  if (user) execFileSync('chown', [user, data]);
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'bowline', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
    {
      ...ids,
      cwd: '/',
      encoding: 'utf8',
    },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-k', data, '-c', 'listen_addresses=127.0.0.1'], {
    ...ids,
    cwd: '/',
    stdio: 'ignore',
  });
  process.on('exit', () => child.kill('SIGQUIT'));
  const at = `postgres://bowline@127.0.0.1:${port}`;
  await answering(`${at}/postgres`);
  return {
    url: `${at}/bowline`,
    version: `PostgreSQL ${major}`,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await gone;
    },
  };
}

function idOf(flag: string, user: string): number {
  return Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.query('create database bowline');
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
