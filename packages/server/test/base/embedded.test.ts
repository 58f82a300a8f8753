import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../src/base/embedded.ts';
import { copyBinaries, findBinaries, POSTGRES_MAJOR } from '../../src/base/embedded-binaries.ts';
import { settingsFor } from '../../src/base/embedded-settings.ts';
import { bundle, start } from './process.ts';

const log = pino({ level: 'silent' });
const holder = await bundle(new URL('./fixtures/hold.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'bowline-embedded-'));
chmodSync(root, 0o711);

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(join(holder, '..'), { recursive: true, force: true });
});

const freshHome = () => join(mkdtempSync(join(root, 'home-')), 'home');
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
/** Every process whose working directory is the data folder: the postmaster and all its backends. */
const processesOf = (home: string) =>
  execFileSync('sh', ['-c', `ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c -- '-> ${home}/postgres/data$' || true`], {
    encoding: 'utf8',
  }).trim();

async function ask(embedded: Pick<Embedded, 'target'>, statement: string): Promise<unknown[]> {
  const client = new Client(embedded.target);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function begin(home: string): Promise<Embedded> {
  const embedded = await startEmbedded({ home, log });
  onTestFinished(() => embedded.stop());
  return embedded;
}

test('starts on an empty folder, durable and without a TCP listener, and a stop leaves no process', async () => {
  const home = freshHome();
  const embedded = await begin(home);
  expect(embedded.adopted).toBe(false);
  const settings = "select name, setting from pg_settings where name in ('fsync','synchronous_commit','listen_addresses','jit') order by 1";
  expect(await ask(embedded, settings)).toEqual([
    { name: 'fsync', setting: 'on' },
    { name: 'jit', setting: 'off' },
    { name: 'listen_addresses', setting: '' },
    { name: 'synchronous_commit', setting: 'on' },
  ]);
  expect(lstatSync(embedded.target.host).mode & 0o777).toBe(0o700);
  expect(processesOf(home)).not.toBe('0');
  await embedded.stop();
  expect(processesOf(home)).toBe('0');
});

test('the data is still there after a stop and a start', async () => {
  const home = freshHome();
  const first = await begin(home);
  await ask(first, 'create table kept (id int); insert into kept values (7)');
  await first.stop();
  expect(await ask(await begin(home), 'select id from kept')).toEqual([{ id: 7 }]);
});

test('a server orphaned by kill -9 of its parent is adopted, and then stopped like an own one', async () => {
  const home = freshHome();
  const parent = await start(holder, [home]);
  const { postgres, target } = JSON.parse(parent.line);
  await ask({ target }, 'create table kept as select 42 as id');
  parent.child.kill('SIGKILL');
  await parent.exited;
  expect(isAlive(postgres)).toBe(true);
  const embedded = await begin(home);
  expect(embedded).toMatchObject({ adopted: true });
  expect(embedded.pid()).toBe(postgres);
  expect(await ask(embedded, 'select id from kept')).toEqual([{ id: 42 }]);
  await embedded.stop();
  expect(processesOf(home)).toBe('0');
});

test('after kill -9 of parent and server together, a start recovers', async () => {
  const home = freshHome();
  const parent = await start(holder, [home]);
  const { postgres, target } = JSON.parse(parent.line);
  await ask({ target }, 'create table kept as select 42 as id');
  process.kill(postgres, 'SIGKILL');
  parent.child.kill('SIGKILL');
  await parent.exited;
  const embedded = await begin(home);
  expect(embedded.adopted).toBe(false);
  expect(await ask(embedded, 'select id from kept')).toEqual([{ id: 42 }]);
});

test.each([
  { memory: 1, disk: 5, takes: ['128MB', '512MB', '1024MB'] },
  { memory: 8, disk: 25, takes: ['512MB', '4096MB', '2560MB'] },
  { memory: 256, disk: 2_000, takes: ['1024MB', '65536MB', '4096MB'] },
])('of $memory GB of memory Postgres keeps a sixteenth, of $disk GB of disk its log a tenth, within bounds', ({ memory, disk, takes }) => {
  const settings = settingsFor({ memoryBytes: memory * 2 ** 30, diskFreeBytes: disk * 2 ** 30 });
  expect([settings.shared_buffers, settings.effective_cache_size, settings.max_wal_size]).toEqual(takes);
});

test('a second process on the same data folder is refused, told who holds it, and leaves the first alone', async () => {
  const home = freshHome();
  const first = await start(holder, [home]);
  const { target } = JSON.parse(first.line);
  const second = await start(holder, [home]);
  await second.exited;
  expect(second.child.exitCode).toBe(1);
  expect(second.stderr()).toContain(`process ${first.child.pid}, http://localhost:21099`);
  expect(await ask({ target }, 'select 1 as one')).toEqual([{ one: 1 }]);
  first.child.kill('SIGTERM');
  await first.exited;
  expect(processesOf(home)).toBe('0');
  expect(existsSync(join(home, 'lock'))).toBe(false);
});

test('no acknowledged row is lost when the server is killed during writes, and it comes back by itself', async () => {
  const home = freshHome();
  const embedded = await begin(home);
  await ask(embedded, 'create table written (id int primary key)');
  for (let round = 0; round < 2; round++) {
    const acknowledged: number[] = [];
    const client = new Client(embedded.target);
    client.on('error', () => {});
    await client.connect();
    const writing = (async () => {
      for (let id = round * 1_000_000; ; id++) {
        await client.query('insert into written values ($1)', [id]);
        acknowledged.push(id);
      }
    })().catch(() => {});
    while (acknowledged.length < 300) await sleep(5);
    const killed = embedded.pid();
    process.kill(killed, 'SIGKILL');
    await writing;
    while (embedded.pid() === killed) await sleep(20);
    const rows = await ask(embedded, `select id from written where id >= ${round * 1_000_000}`);
    const present = new Set(rows.map((row) => (row as { id: number }).id));
    expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
  }
});

test('a stale pid file whose number now belongs to a stranger does not stop a start', async () => {
  const home = freshHome();
  await (await begin(home)).stop();
  const data = join(home, 'postgres', 'data');
  writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n\n\n`);
  expect(await ask(await begin(home), 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a data folder whose path is too long for a socket works', async () => {
  const home = join(freshHome(), 'a'.repeat(120));
  mkdirSync(join(home, '..'), { mode: 0o711, recursive: true });
  const embedded = await begin(home);
  expect(embedded.target.host.length).toBeLessThan(90);
  expect(await ask(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('as root, a folder closed to other users works through a user namespace', { skip: process.getuid?.() !== 0 }, async () => {
  const closed = mkdtempSync(join(root, 'closed-'));
  chmodSync(closed, 0o700);
  const embedded = await begin(join(closed, 'home'));
  expect(await ask(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('where node_modules cannot be used, a complete copy of the binaries runs', () => {
  const folder = mkdtempSync(join(root, 'copy-'));
  const native = copyBinaries(findBinaries().native, folder);
  expect(execFileSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })).toContain(`(PostgreSQL) ${POSTGRES_MAJOR}.`);
  expect(copyBinaries(native, folder)).toBe(native);
});

test('data of another major version is refused with a reason', async () => {
  const home = freshHome();
  mkdirSync(join(home, 'postgres', 'data'), { recursive: true });
  writeFileSync(join(home, 'postgres', 'data', 'PG_VERSION'), '15\n');
  await expect(startEmbedded({ home, log })).rejects.toThrow(/written by Postgres 15/);
});
