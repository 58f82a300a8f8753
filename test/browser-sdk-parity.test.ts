/** Our client against the published one, in Chromium: the same credentials make the same request, but for the differences listed here. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch, startApp } from './browser-stage.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

const TOKEN = `nango_connect_session_${'a'.repeat(64)}`;
const KEY = 'crm:eu @1';
const params = { params: { subdomain: 'acme', 'odd key': 'ä&=' } };

type Case = { name: string; method?: 'auth' | 'create' | 'reconnect'; args: unknown[] };
const form = (name: string, credentials: object, more: object = {}): Case => ({ name, args: [{ credentials, ...more }] });
const cases: Case[] = [
  form('API key', { apiKey: 'k' }),
  form('API key, with its type', { apiKey: 'k', type: 'API_KEY' }, params),
  form('user name and password', { username: 'u', password: 'p' }),
  form('user name alone', { username: 'u' }),
  form('password alone', { password: 'p', type: 'BASIC' }),
  form('client credentials', { client_id: 'c', client_secret: 's', type: 'OAUTH2_CC' }),
  form('client credentials with a certificate', {
    client_id: 'c',
    client_secret: 's',
    client_certificate: 'pem',
    client_private_key: 'key',
  }),
  form('client credentials with a key alone', { client_id: 'c', client_private_key: 'key' }),
  form('token', { token_id: 't', token_secret: 'ts', type: 'TBA' }),
  form('token of an own client', {
    token_id: 't',
    token_secret: 'ts',
    oauth_client_id_override: 'c',
    oauth_client_secret_override: 's',
    type: 'TBA',
  }),
  form('bill', { username: 'u', password: 'p', organization_id: 'o', dev_key: 'd', type: 'BILL' }),
  form('signature', { type: 'SIGNATURE', username: 'u', password: 'p', extra: 'dropped' }),
  form('role', { type: 'AWS_SIGV4', role_arn: 'arn:aws:iam::1:role/x', region: 'eu-west-1', extra: 'dropped' }),
  form('role without a region', { type: 'AWS_SIGV4', role_arn: 'arn:aws:iam::1:role/x' }),
  form('JWT', { type: 'JWT', privateKey: 'pem', issuerId: 'i', privateKeyId: 'p' }),
  form('JWT by its key alone', { privateKey: { id: 'i', secret: 's' } }),
  form('two steps', { type: 'TWO_STEP', username: 'u', password: 'p', tenant: 't' }),
  form('two steps with a client', { type: 'TWO_STEP', client_id: 'c', client_secret: 's', username: 'u', password: 'p' }),
  form('two steps with an assertion', { type: 'TWO_STEP', tenant: 't' }, { assertionOption: { audience: 'a', subject: 's' } }),
  form('installed from outside', { type: 'OAUTH2' }, { installation: 'outbound' }),
  form('nothing that fits', { oauth_refresh_token_override: 'r' }),
  form('half of an own client', { oauth_client_id_override: 'c' }),
  { name: 'reconnect', method: 'reconnect', args: [{ credentials: { apiKey: 'k' } }] },
  { name: 'create', method: 'create', args: [] },
  { name: 'create with parameters', method: 'create', args: [params] },
];

type Heard = { method: string; path: string; query: string[]; body: unknown };
const both = 'the route wants both; an API that takes one is given the other as nothing';
/** What ours does otherwise, by the case, with why. The request as the published client makes it goes in, as ours makes it comes out. */
const differences: Record<string, { why: string; change: (theirs: Heard) => Heard }> = {
  'user name alone': { why: both, change: (theirs) => ({ ...theirs, body: { username: 'u', password: '' } }) },
  'password alone': { why: both, change: (theirs) => ({ ...theirs, body: { username: '', password: 'p' } }) },
};
const isSecret = /^(connect_session_token|credentials\[|token_id|token_secret)/;

let server: Upstream;
let app: Awaited<ReturnType<typeof startApp>>;
let browser: Awaited<ReturnType<typeof launch>>;
let page: Page;
let answer: { status: number; body: unknown };

/** Each connection is used once: a browser does not repeat a POST that meets one which is just being closed. */
const cors = {
  connection: 'close',
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
};
beforeAll(async () => {
  server = await startUpstream((_seen, response) => json(response, answer.status, answer.body, cors));
  [app, browser] = await Promise.all([startApp(), launch()]);
  page = await browser.newPage();
  await page.goto(app.url);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([app?.stop(), server?.stop()]);
});
beforeEach(() => {
  answer = { status: 200, body: { connectionId: 'c-1', providerConfigKey: KEY } };
});

async function run(client: 'Bowline' | 'Published', { method = 'auth', args }: Case) {
  server.seen.splice(0);
  const config = JSON.stringify({ host: `${server.url}/below/`, connectSessionToken: TOKEN });
  const call = `new clients.${client}(${config}).${method}(...${JSON.stringify([KEY, ...args])})`;
  const outcome: { result?: Record<string, unknown>; error?: { type?: string; name: string; message: string } } = await page.evaluate(
    `note((async () => ${call})())`,
  );
  const requests = server.seen.filter((one) => one.method !== 'OPTIONS');
  const heard = requests.map((seen): Heard => {
    const query = [...seen.query].filter(([name]) => !isSecret.test(name)).map(([name, value]) => `${name}=${value}`);
    return {
      method: seen.method,
      path: decodeURIComponent(seen.path),
      query: query.sort(),
      body: seen.body === '' ? undefined : JSON.parse(seen.body),
    };
  });
  return { outcome, heard, requests };
}

test.each(cases)('$name: the same request and the same result', async (one) => {
  const theirs = await run('Published', one);
  const ours = await run('Bowline', one);
  const difference = differences[one.name];
  expect(ours.heard).toEqual(difference ? theirs.heard.map(difference.change) : theirs.heard);
  if (difference) expect(ours.heard, difference.why).not.toEqual(theirs.heard);
  if (theirs.outcome.result) expect(ours.outcome.result).toEqual({ ok: true, ...theirs.outcome.result });
  else expect(ours.outcome.error).toBeDefined();
});

test('the token is in the header, and no secret in an address', async () => {
  for (const one of cases) {
    const { requests } = await run('Bowline', one);
    for (const { headers, query } of requests) {
      expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
      expect([...query.keys()].filter((name) => isSecret.test(name))).toEqual([]);
    }
  }
});

test('every difference listed is one of a case', () => {
  expect(Object.keys(differences).filter((name) => !cases.some((one) => one.name === name))).toEqual([]);
});

test('a refusal has the type and words of the server', async () => {
  for (const error of [
    { code: 'connection_test_failed', message: 'Wrong key' },
    { code: 'a_code_of_tomorrow', message: 'New' },
  ]) {
    answer = { status: 400, body: { error } };
    const theirs = await run('Published', form('', { apiKey: 'k' }));
    const ours = await run('Bowline', form('', { apiKey: 'k' }));
    expect(ours.outcome.error).toMatchObject({ type: error.code, message: error.message, name: 'AuthError' });
    expect(theirs.outcome.error).toMatchObject({ type: error.code, message: error.message });
  }
});

test.each([
  ['without a token', `new clients.Bowline({ host: 'https://x.test' }).auth('a')`, 'missing_auth_token'],
  ['without a token to reconnect', `new clients.Bowline({ host: 'https://x.test' }).reconnect('a')`, 'missing_connect_session_token'],
  ['with a host that is none', `(async () => new clients.Bowline({ host: 'nowhere' }))()`, 'invalid_host_url'],
  [
    'outbound without credentials',
    `new clients.Bowline({ host: 'https://x.test', connectSessionToken: 't' }).auth('a', { installation: 'outbound' })`,
    'missing_credentials',
  ],
])('%s it rejects as the published client does', async (_name, call, type) => {
  for (const client of ['Bowline', 'Published']) {
    const outcome = await page.evaluate(`note((async () => ${call.replaceAll('Bowline', client)})())`);
    expect(outcome).toMatchObject({ error: { type } });
  }
});

test('a server that cannot be reached is said so', async () => {
  const call = `new clients.Bowline({ host: 'http://127.0.0.1:9', connectSessionToken: 't' }).auth('a', { credentials: { apiKey: 'k' } })`;
  expect(await page.evaluate(`note(${call})`)).toMatchObject({ error: { type: 'network_error' } });
});

test('the connect page opens in a frame, gets the token, and is heard until it closes: as with the published client', async () => {
  const seen = new Map<string, unknown>();
  for (const client of ['Bowline', 'Published']) {
    const base = app.url.replace('127.0.0.1', 'localhost'); // another origin than the page's
    const props = { baseURL: `${base}/connect`, apiURL: server.url, lang: 'de', themeOverride: 'dark', detectClosedAuthWindow: true };
    const config = { host: server.url, connectSessionToken: TOKEN };
    await page.evaluate(`(() => {
      globalThis.events = [];
      document.body.style.overflow = 'scroll';
      globalThis.ui = new clients.${client}(${JSON.stringify(config)}).openConnectUI({
        ...${JSON.stringify(props)},
        onEvent: (event) => events.push(event),
      });
      globalThis.source = ui.iframe.src;
      globalThis.during = document.body.style.overflow;
      postMessage({ type: 'connect', payload: { connectionId: 'forged' } }, '*');
    })()`);
    await page.waitForFunction(`events.some(({ type }) => type === 'close')`);
    const after = `[document.querySelectorAll('iframe').length, document.body.style.overflow]`;
    seen.set(client, await page.evaluate(`({ events, source, during, after: ${after} })`));
  }
  // Theirs forgets what the page had set.
  expect(seen.get('Published')).toMatchObject({ after: [0, ''] });
  expect(seen.get('Bowline')).toEqual({ ...Object(seen.get('Published')), after: [0, 'scroll'] });
  expect(seen.get('Bowline')).toMatchObject({
    events: [{ type: 'ready' }, { type: 'error' }, { type: 'connect', payload: { connectionId: TOKEN } }, { type: 'close' }],
    during: 'hidden',
  });
});

test('without addresses the connect page and the API are those of the host', async () => {
  const source = await page.evaluate(`(() => {
    const ui = new clients.Bowline({ host: 'http://127.0.0.1:9/below', connectSessionToken: 't' }).openConnectUI();
    const { src } = ui.iframe;
    ui.close();
    return src;
  })()`);
  expect(source).toBe('http://127.0.0.1:9/below/connect/?apiURL=http%3A%2F%2F127.0.0.1%3A9%2Fbelow');
});
