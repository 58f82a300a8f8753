import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureAccount } from '../src/accounts/create.ts';
import { hashPassword, isPassword, makePassword } from '../src/accounts/password.ts';
import { only, run } from '../src/base/database.ts';
import { createEnvironment } from '../src/environments/create.ts';
import { type Json, type Process, post, signedIn, startProcess } from './accounts-world.ts';
import { freshDatabase } from './postgres.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const password = 'correct horse battery';
const env = { BOWLINE_ADMIN_EMAIL: 'Ada@Example.com', BOWLINE_ADMIN_PASSWORD: password };

const [database, empty] = [await freshDatabase(), await freshDatabase()];
let process: Process;
beforeAll(async () => {
  process = await startProcess(database, env);
  await ensureAccount(process.world);
});
afterAll(() => process.close());

const signIn = (email: string, tried: string, headers?: Record<string, string>) =>
  post(process, '/api/session', { email, password: tried }, headers);
const codeOf = async (response: Response) => ((await response.json()) as Json).error?.code ?? response.status;
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const session = (cookie: string, headers: Record<string, string> = {}) =>
  fetch(`${process.url}/api/session`, { headers: { cookie, ...headers } });

test('an empty database gets one account with dev and prod, whoever comes first; the made password signs in and is shown again', async () => {
  const processes = [await startProcess(empty), await startProcess(empty)];
  try {
    const results = await Promise.all(processes.map(({ world }) => ensureAccount(world)));
    expect(results.map(({ created }) => created).sort()).toEqual([false, true]);
    const index = results.findIndex(({ created }) => created);
    const [maker, made] = [processes[index], results[index]];
    if (!maker || !made?.password) throw new Error('no password was made');
    expect(made.email).toBe('admin@localhost');
    expect(made.password).toMatch(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}$/);
    const answer = await post(maker, '/api/session', { email: 'ADMIN@localhost', password: made.password });
    const body = (await answer.json()) as Json;
    expect(body.environments.map((e: Json) => [e.name, e.is_production])).toEqual([['dev', false], ['prod', true]]); // biome-ignore format: pairs
    expect(await ensureAccount(maker.world)).toEqual({ ...made, created: false });
    const path = join(maker.home, 'admin-password');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8').trim()).toBe(made.password);
    expect(statSync(`${path}.checked`).mode & 0o777).toBe(0o600);
    expect(await ensureAccount(maker.world)).toEqual({ ...made, created: false });
    writeFileSync(path, 'of another database');
    expect((await ensureAccount(maker.world)).password).toBeUndefined();
    rmSync(path);
    expect((await ensureAccount(maker.world)).password).toBeUndefined();
    expect(existsSync(`${path}.checked`)).toBe(false);
  } finally {
    for (const one of processes) await one.close();
  }
});

test('the made password is not shown any more once another one is stored, whatever was found right before', async () => {
  const one = await startProcess(await freshDatabase());
  try {
    await ensureAccount(one.world);
    expect((await ensureAccount(one.world)).password).toBeDefined();
    await sql`update members set password_hash = ${await hashPassword(one.world.random, 'another')}`.execute(one.world.db);
    expect((await ensureAccount(one.world)).password).toBeUndefined();
  } finally {
    await one.close();
  }
});

test('a given password is never written to a file nor returned', async () => {
  expect(await ensureAccount(process.world)).toEqual({ created: false, accountId: 1, email: 'Ada@Example.com' });
  expect(() => readFileSync(join(process.home, 'admin-password'))).toThrow();
});

test('the cookie cannot be read by scripts, nor sent by other sites; https makes it secure', async () => {
  const answer = await signIn('ada@example.com', password);
  const cookie = answer.headers.get('set-cookie') ?? '';
  for (const part of ['bowline_session=', 'HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=1209600']) expect(cookie).toContain(part);
  expect(cookie).not.toContain('Secure');
  const behindTls = await startProcess(database, { ...env, BOWLINE_PUBLIC_URL: 'https://bowline.example.com' });
  try {
    const secure = await post(behindTls, '/api/session', { email: 'ada@example.com', password });
    expect(secure.headers.get('set-cookie')).toContain('; Secure');
    expect(((await secure.json()) as Json).api_url).toBe('https://bowline.example.com');
  } finally {
    await behindTls.close();
  }
});

test('a wrong password and an unknown address are one and the same answer', async () => {
  const wrong = await signIn('ada@example.com', 'not it');
  const unknown = await signIn('eve@example.com', 'not it');
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  const textOf = async (answer: Response) => (await answer.text()).replace(/"request_id":"[^"]+"/, '');
  expect(await textOf(wrong)).toBe(await textOf(unknown));
});

test('the eleventh failure in a minute is refused even with the right password; other people and the next minute are not', async () => {
  const from = { 'x-forwarded-for': '203.0.113.7' };
  const failures = await Promise.all(Array.from({ length: 12 }, () => signIn('ada@example.com', 'guess', from)));
  const codes = await Promise.all(failures.map(codeOf));
  expect(codes.filter((code) => code === 'wrong_password')).toHaveLength(10);
  expect(codes.filter((code) => code === 'too_many_sign_ins')).toHaveLength(2);
  const right = await signIn('ADA@example.com', password, from);
  expect([right.status, await codeOf(right)]).toEqual([429, 'too_many_sign_ins']);
  expect((await signIn('ada@example.com', password, { 'x-forwarded-for': '203.0.113.8' })).status).toBe(200);
  process.advance(60_001);
  expect((await signIn('ada@example.com', password, from)).status).toBe(200);
});

test('signing in rightly is not counted', async () => {
  const from = { 'x-forwarded-for': '203.0.113.9' };
  for (let n = 0; n < 11; n += 1) expect((await signIn('ada@example.com', password, from)).status).toBe(200);
});

test('a session lasts 14 days from its last use, and no longer', async () => {
  const cookie = cookieOf(await signIn('ada@example.com', password));
  process.advance(13 * DAY_MS);
  const used = await session(cookie);
  expect(used.status).toBe(200);
  expect(used.headers.get('set-cookie')).toContain('Max-Age=1209600');
  process.advance(13 * DAY_MS);
  expect((await session(cookie)).status).toBe(200);
  process.advance(14 * DAY_MS);
  const expired = await session(cookie);
  expect([expired.status, await codeOf(expired)]).toEqual([401, 'signed_out']);
  await signIn('ada@example.com', password);
  const { old } = await only<{ old: number }>(
    database.db,
    sql`select count(*)::int as old from member_sessions where expires_at <= ${process.world.clock.now()}`,
  );
  expect(old).toBe(0); // expired ones do not pile up
});

test('the token is stored only as a hash, and signing out ends it', async () => {
  const answer = await signIn('ada@example.com', password);
  const cookie = cookieOf(answer);
  const token = cookie.split('=')[1] ?? '';
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  const { dump } = await only<{ dump: string }>(database.db, sql`select string_agg(s::text, ' ') as dump from member_sessions s`);
  expect(dump).not.toContain(token);
  expect(dump).not.toContain(Buffer.from(token).toString('hex'));
  expect(dump).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
  const headers = { cookie, 'x-bowline-environment': 'dev' };
  const out = await fetch(`${process.url}/api/session`, { method: 'DELETE', headers });
  expect([out.status, out.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('Max-Age=0')]);
  expect((await session(cookie)).status).toBe(401);
});

test.each(['', 'bowline_session=', 'bowline_session=abc', `bowline_session=${'A'.repeat(43)}`])(
  'cookie %j is signed out',
  async (cookie) => {
    const answer = await session(cookie);
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'signed_out']);
  },
);

test('a change must name its environment in the header, which no other site can send', async () => {
  const cookie = cookieOf(await signIn('ada@example.com', password));
  const patch = (headers: Record<string, string>) =>
    fetch(`${process.url}/api/environment`, {
      method: 'PATCH',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  const unnamed = await patch({});
  expect([unnamed.status, await codeOf(unnamed)]).toEqual([400, 'invalid_headers']);
  expect((await patch({ 'x-bowline-environment': 'dev' })).status).toBe(200);
  const reading = await fetch(`${process.url}/api/environment`, { headers: { cookie } });
  expect(((await reading.json()) as Json).name).toBe('dev'); // the first one, unless named
});

test("an unknown environment, and another account's, are equally unknown", async () => {
  const { call } = await signedIn(process);
  const { id } = await only<{ id: number }>(database.db, sql`insert into accounts (name) values ('other') returning id`);
  await createEnvironment(process.world, { accountId: id, name: 'theirs', isProduction: false });
  for (const name of ['theirs', 'nowhere', "x' or true --"]) {
    const [status, { error }] = await call('GET', '/api/environment', undefined, name);
    expect([status, error.code, error.errors[0].path]).toEqual([400, 'invalid_headers', ['x-bowline-environment']]);
  }
});

test('sessions of a deleted member end', async () => {
  const stored = await hashPassword(process.world.random, 'short lived');
  await run(database.db, sql`insert into members (account_id, email, name, password_hash) values (1, 'tmp@example.com', 'T', ${stored})`);
  const cookie = cookieOf(await signIn('tmp@example.com', 'short lived'));
  expect((await session(cookie)).status).toBe(200);
  await run(database.db, sql`delete from members where email = 'tmp@example.com'`);
  expect((await session(cookie)).status).toBe(401);
});

test('a password fits only its own hash, however its letters are composed', async () => {
  const { random } = process.world;
  const stored = await hashPassword(random, 'Zürich-ﬁ');
  expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await hashPassword(random, 'Zürich-ﬁ')).not.toBe(stored);
  expect(await isPassword(stored, 'Zu\u0308rich-fi')).toBe(true);
  expect(await isPassword(stored, 'Zurich-fi')).toBe(false);
  expect(await isPassword(undefined, 'Zürich-ﬁ')).toBe(false);
});

test('made passwords differ and avoid signs that look alike', () => {
  const made = new Set(Array.from({ length: 500 }, () => makePassword(process.world.random)));
  expect(made.size).toBe(500);
  expect([...made].join('')).not.toMatch(/[lo01]/);
});
