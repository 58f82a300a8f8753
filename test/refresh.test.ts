/**
 * One expired token that rotates, a thousand callers, four processes on one database: exactly one refresh, whatever dies in between.
 * The endpoint ends all tokens when one is used twice, so a second refresh by mistake loses the connection, and the test.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../demo/src/place.ts';
import { freshDatabase } from '../packages/server/test/postgres.ts';
import { type Platform, startPlatform, until } from './platform.ts';
import { isAlive, killOne } from './processes.ts';
import { startTokenServer } from './token-server.ts';

const PROCESSES = 4;
const CALLERS = 1_000;
/** Rounds of the test that kills at random moments. */
const KILLS = Number(process.env.KILL_ROUNDS ?? 5);

const database = await freshDatabase();
const folder = mkdtempSync(join(tmpdir(), 'bowline-refresh-'));
const platforms: Platform[] = [];
let ports: number[] = [];

beforeAll(async () => {
  ports = await freePorts(PROCESSES);
  for (let index = 0; index < PROCESSES; index++) platforms.push(await start(index));
}, 120_000);

afterAll(async () => {
  await Promise.all(platforms.map((platform) => platform.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function start(index: number): Promise<Platform> {
  const env = {
    DATABASE_URL: urlOf(database.target),
    BOWLINE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    BOWLINE_DEMO: '0',
    BOWLINE_OUTBOUND_ALLOW: '127.0.0.1',
    BOWLINE_LOG_LEVEL: 'fatal',
    // The servers of all tests share a machine; what is slow is not refused.
    BOWLINE_RATE_LIMIT_PER_MINUTE: '0',
  };
  return startPlatform({ home: join(folder, `home-${index}`), port: ports[index] ?? 0, env });
}

function urlOf(target: typeof database.target): string {
  if (typeof target === 'string') return target;
  return `postgres:///${target.database}?host=${encodeURIComponent(target.host)}&user=${target.user}`;
}

function at(index: number): Platform {
  const platform = platforms[index];
  if (!platform) throw new Error(`there is no process ${index}`);
  return platform;
}

type TokenServer = Awaited<ReturnType<typeof startTokenServer>>;

/** A connection named like its family, whose access token has just expired. */
async function connect(server: TokenServer, name: string): Promise<void> {
  const send = async (path: string, body: object) => {
    const answer = await at(0).fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await send('/integrations', {
    unique_key: name,
    provider: 'oauth2-generic',
    integration_config: { authorizationUrl: `${server.url}/authorize`, tokenUrl: `${server.url}/token`, baseUrl: server.url },
    credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: 'read' },
  });
  const { access_token, refresh_token } = server.grant(name);
  const expires_at = new Date(Date.now() - 60_000).toISOString();
  await send('/connections', {
    provider_config_key: name,
    connection_id: name,
    credentials: { type: 'OAUTH2', access_token, refresh_token, expires_at },
  });
}

/**
 * Half of the callers read the credentials, half send a request through the proxy (with retries: the upstream is one busy process, which
 * resets connections now and then). @returns what each was answered */
async function call(name: string, index: number, process: number): Promise<string> {
  const headers = { 'connection-id': name, 'provider-config-key': name, retries: '5' };
  const answer =
    index % 2 === 0
      ? await at(process).fetch(`/connections/${name}?provider_config_key=${name}`)
      : await at(process).fetch('/proxy/items', { headers });
  const body = await answer.text();
  if (!answer.ok) return `${answer.status} ${body}`;
  return index % 2 === 0 ? JSON.parse(body).credentials.access_token : 'called';
}

const crowd = (name: string, count = CALLERS, processes = [0, 1, 2, 3]) =>
  Promise.all(Array.from({ length: count }, (_, index) => call(name, index, processes[(index >> 1) % processes.length] ?? 0)));

test('a thousand callers in four processes: one refresh, and all of them go on with its token', { timeout: 120_000 }, async () => {
  const server = await startTokenServer({ graceMs: 0 });
  await connect(server, 'crowd');
  expect(new Set(await crowd('crowd'))).toEqual(new Set(['access-crowd-2', 'called']));
  expect(server.counts).toMatchObject({ requests: 1, rotated: 1, reused: 0, calls: CALLERS / 2 });
  expect(server.isAlive('crowd')).toBe(true);
});

test('its answer lost on the way: asked for once more at once, and a thousand callers hear nothing of it', {
  timeout: 120_000,
}, async () => {
  const server = await startTokenServer({ graceMs: 10_000, answering: (_send, response) => response.destroy() });
  await connect(server, 'lost');
  expect(new Set(await crowd('lost'))).toEqual(new Set(['access-lost-2', 'called']));
  expect(server.counts).toMatchObject({ requests: 2, rotated: 1, replayed: 1, reused: 0 });
});

/** Makes the process that asks wait with the provider's answer in hand and nothing stored, and then kills it there. */
async function killBeforeCommit(server: TokenServer, name: string, victim: number): Promise<void> {
  const locking = await database.pool.connect();
  onTestFinished(() => locking.release(true));
  server.script.answering = async (send) => {
    await locking.query('begin');
    await locking.query('select from connections where connection_id = $1 for update', [name]);
    send();
  };
  call(name, 0, victim).catch(() => {}); // its process dies
  await until('the provider has rotated the token', () => server.counts.rotated === 1);
  await until('the new token waits to be stored', async () => {
    const { rows } = await database.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%credentials_sealed%'",
    );
    return rows.length > 0;
  });
  killOne(at(victim).pid);
  await at(victim).exited;
  await locking.query('rollback');
}

async function revive(index: number): Promise<void> {
  platforms[index] = await start(index);
}

test('killed between the answer and the commit: the others go on with the old token while the provider still honours it', {
  timeout: 120_000,
}, async () => {
  const server = await startTokenServer({ graceMs: 30_000 });
  await connect(server, 'killed');
  await killBeforeCommit(server, 'killed', 3);
  expect(new Set(await crowd('killed', CALLERS, [0, 1, 2]))).toEqual(new Set(['access-killed-2', 'called']));
  expect(server.counts).toMatchObject({ requests: 2, rotated: 1, replayed: 1, reused: 0 });
  await revive(3);
  expect(await call('killed', 0, 3)).toBe('access-killed-2');
});

test('where the provider honours it no more, the refusal says that an answer was lost', { timeout: 120_000 }, async () => {
  const server = await startTokenServer({ graceMs: 0 });
  await connect(server, 'strict');
  await killBeforeCommit(server, 'strict', 3);
  const answers = new Set(await crowd('strict', 40, [0, 1, 2]));
  for (const answer of answers) expect(answer).toMatch(/invalid_grant.*answer to an earlier refresh.*was lost|^424/);
  expect([...answers].some((answer) => answer.startsWith('400'))).toBe(true);
  expect(server.counts.requests).toBe(2);
  await revive(3);
});

test(`${KILLS} kills at random moments of a refresh lose no connection that the provider would still honour`, {
  timeout: 60_000 + KILLS * 30_000,
}, async () => {
  const server = await startTokenServer({ graceMs: 30_000 });
  for (let round = 0; round < KILLS; round++) {
    const name = `random${round}`;
    await connect(server, name);
    const delayMs = Math.random() * 120;
    server.script.answering = (send) => setTimeout(send, 20);
    const dying = crowd(name, 20, [3]).catch(() => []);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    killOne(at(3).pid);
    await at(3).exited;
    await dying;
    expect(isAlive(at(3).pid)).toBe(false);
    const token = `access-${name}-2`;
    expect(new Set(await crowd(name, 60, [0, 1, 2])), `killed after ${delayMs.toFixed(0)} ms`).toEqual(new Set([token, 'called']));
    expect(server.isAlive(name)).toBe(true);
    await revive(3);
  }
  expect(server.counts).toMatchObject({ rotated: KILLS, reused: 0 });
});
