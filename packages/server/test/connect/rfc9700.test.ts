import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations } from '../connections/fixture.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { comeBack, messageOf, openPopup } from './browser.ts';

let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/token', (_request, response) =>
    json(response, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 }),
  );
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
});

async function start() {
  const answer = await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
  const { location, cookie, page } = await openPopup(platform, 'oauth', { connect_session_token: answer.body.data.token });
  if (!location) throw new Error(page.html);
  return { location, cookie, page, state: location.searchParams.get('state') ?? '' };
}

describe('a provider that names itself at the callback', () => {
  test('must be the one the person was sent to: the code of another one is sent to nobody', async () => {
    for (const iss of ['https://honest.test', 'https://127.0.0.1', 'nonsense', '', `${upstream.url}0`, 'http://127.0.0.2']) {
      const { cookie, state } = await start();
      const before = upstream.received('/token').length;
      const back = await comeBack(platform, { code: 'of-another', state, iss }, cookie);
      expect([iss, back.status, messageOf(back).payload?.errorType]).toEqual([iss, 400, 'callback_err']);
      expect(upstream.received('/token')).toHaveLength(before);
      // The state is used up: the code cannot be tried again without the name.
      expect((await comeBack(platform, { code: 'of-another', state }, cookie)).status).toBe(400);
    }
  });

  test('is accepted when it is that one', async () => {
    for (const iss of [upstream.url, `${upstream.url}/`, `${upstream.url}/tenant/1`]) {
      const { cookie, state } = await start();
      expect((await comeBack(platform, { code: 'c', state, iss }, cookie)).status).toBe(200);
    }
  });
});

test('a state belongs to one integration and one browser: two sign-ins at once do not mix', async () => {
  const [one, two] = [await start(), await start()];
  expect(one.state).not.toBe(two.state);
  expect((await comeBack(platform, { code: 'c', state: one.state }, two.cookie)).status).toBe(400);
  expect((await comeBack(platform, { code: 'c', state: two.state }, `${one.cookie}; ${two.cookie}`)).status).toBe(200);
});

test('the page of the callback is kept by nobody, framed by nobody, and tells no other page where it is', async () => {
  const { cookie, state } = await start();
  for (const back of [await comeBack(platform, { code: 'c', state }, cookie), await comeBack(platform, { code: 'c', state }, cookie)]) {
    expect(back.headers.get('cache-control')).toBe('no-store');
    expect(back.headers.get('referrer-policy')).toBe('no-referrer');
    expect(back.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    const policy = back.headers.get('content-security-policy');
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
      expect(policy).toContain(rule);
    expect(back.html).not.toMatch(/canary|state=|code=/);
  }
});

test('browsers are sent on with 302 alone, which no browser repeats a form for', async () => {
  const { page } = await start();
  expect(page.status).toBe(302);
  expect(page.headers.get('cache-control')).toBe('no-store');
  const source = readFileSync(new URL('../../src/connect/routes.ts', import.meta.url), 'utf8');
  expect(source.match(/\.redirect\([^)]*\)/g)?.every((call) => call.endsWith(', 302)'))).toBe(true);
});

test('no token is in an address: not in those we send browsers to, nor in those we call', async () => {
  const { cookie, state, location } = await start();
  const back = await comeBack(platform, { code: 'c', state }, cookie);
  expect(`${location.href}${back.html}`).not.toContain('canary');
  expect(
    upstream
      .received()
      .map(({ url }) => url)
      .join(),
  ).not.toMatch(/canary|s3cret|[?&]code=/);
});

test('no secret of ours is compared byte by byte: those callers bring are looked up by their hash, or compared in constant time', () => {
  const root = new URL('../../src/', import.meta.url);
  const compared =
    /(token|secret|signature|digest|hmac|password|apiKey|state|ticket|verifier)\w*\s?[!=]==(?! (undefined|null|''|'[a-z_]+'|true|false))/i;
  const folders = ['connect', 'accounts', 'environments', 'http', 'webhooks-out'];
  const found = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root)).flatMap((file) =>
      readFileSync(new URL(`${folder}/${file}`, root), 'utf8')
        .split('\n')
        .filter((line) => compared.test(line))
        .map((line) => `${folder}/${file}: ${line.trim()}`),
    ),
  );
  expect(found).toEqual([]);
});

test('the checklist names tests that exist', () => {
  const root = new URL('../../../../docs/security/', import.meta.url);
  const links = [...readFileSync(new URL('rfc9700.md', root), 'utf8').matchAll(/\[([^\]]+)\]\((\.\.\/\.\.\/[^)]+\.test\.ts)\)/g)];
  expect(links.length).toBeGreaterThan(25);
  for (const [, name = '', file = ''] of links) {
    const text = readFileSync(new URL(file, root), 'utf8').replaceAll("\\'", "'");
    const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``].some((one) => text.includes(one));
    expect([file, name, quoted]).toEqual([file, name, true]);
  }
});
