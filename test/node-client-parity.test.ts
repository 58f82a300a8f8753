/** Our client against the published one: the same arguments make the same request and the same result, but for the differences listed here. */
import { createHash, createHmac } from 'node:crypto';
import { Bowline } from '@bowline/node';
import { Nango } from '@nangohq/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Case, cases, local, withOptions } from './node-client-calls.ts';
import { json, type Seen, startUpstream, type Upstream } from './upstream.ts';

const KEY = '11111111-2222-4333-8444-555555555555';
/** Headers that mean something to the server; the rest is the runtime's. */
const heard =
  /^(authorization|connection-id|provider-config-key|content-type|x-async|x-max-retries|retries|retry-on|decompress|base-url-override|forward-headers-on-redirect|nango-.*)$/;

type Heard = { method: string; path: string; query: string[]; headers: Record<string, unknown>; body: unknown };
/** What ours does otherwise, by the case, with why. The request as the published client makes it goes in, as ours makes it comes out. */
const differences: Record<string, { why: string; change: (theirs: Heard) => Heard }> = {
  'getIntegration include several': {
    why: 'a list is sent whole; the published client sends its last entry',
    change: (theirs) => ({ ...theirs, query: ['include=credentials', 'include=webhook'] }),
  },
  'listConnections query with integration and tags': {
    why: 'the positional form knows integrationId and tags too',
    change: (theirs) => ({ ...theirs, query: ['integrationId=crm', 'tags[plan]=pro'] }),
  },
  'getConnection id that must be encoded': {
    why: 'ids are encoded; unencoded, "/", "?" and "#" break the route',
    change: (theirs) => ({ ...theirs, path: '/connections/a%2Fb%3Fc%23d', query: flags('crm') }),
  },
  'post form by its type, in lower case': {
    why: 'the body has the type that the caller names, however the name is written',
    change: (theirs) => ({ ...theirs, headers: { ...theirs.headers, 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' }),
  },
  'proxy no headers on redirect': {
    why: 'false is sent; the published client drops it, and the catalogue decides',
    change: (theirs) => ({ ...theirs, headers: { ...theirs.headers, 'forward-headers-on-redirect': 'false' } }),
  },
};
const flags = (key: string) =>
  ['force_refresh=false', `provider_config_key=${key}`, 'refresh_github_app_jwt_token=false', 'refresh_token=false'].sort();

let server: Upstream;
let ours: Bowline;
let theirs: Nango;

beforeAll(async () => {
  server = await startUpstream((seen, response) => answer(seen, response));
  const options = { host: server.url, secretKey: KEY, webhookSigningKey: 'signing-key' };
  ours = new Bowline(options);
  theirs = new Nango(options);
});
afterAll(() => server?.stop());
beforeEach(() => server.seen.splice(0));

describe.each(cases)('$method: $form', (one) => {
  test('makes the same request and gives the same result', async () => {
    const published = await run(theirs, one);
    const own = await run(ours, one);
    const difference = differences[`${one.method} ${one.form}`];
    expect(own.heard).toEqual(difference ? published.heard.map(difference.change) : published.heard);
    if (difference) expect(own.heard, difference.why).not.toEqual(published.heard);
    else expect(own.result).toEqual(published.result);
  });
});

test.each(cases)('$method: $form takes a signal as its last argument', async (one) => {
  const args = withOptions(one, { signal: AbortSignal.abort(new Error('not now')) });
  const { heard, result } = await run(ours, { ...one, args });
  expect({ heard, result }).toEqual({ heard: [], result: { error: 'not now' } });
});

test('every difference listed is one of a case', () => {
  const names = cases.map(({ method, form }) => `${method} ${form}`);
  expect(Object.keys(differences).filter((name) => !names.includes(name))).toEqual([]);
});

test('every public method of the published client is compared', () => {
  const covered = new Set([...cases.map(({ method }) => method), ...local]);
  for (const { prototype } of [Nango, Bowline]) {
    expect([...covered].filter((name) => typeof Reflect.get(prototype, name) !== 'function')).toEqual([]);
  }
  expect(covered.size).toBe(47);
});

test('a refusal carries what code written for the published client reads', async () => {
  server.script.handle = (_seen, response) =>
    json(response, 400, { error: { code: 'invalid_body', message: 'wrong', errors: [{ code: 'custom', message: 'm', path: ['a'] }] } });
  for (const call of [
    () => [ours.pauseSync('a', ['b']), theirs.pauseSync('a', ['b'])],
    () => [
      ours.get({ endpoint: '/x', providerConfigKey: 'a', connectionId: 'b' }),
      theirs.get({ endpoint: '/x', providerConfigKey: 'a', connectionId: 'b' }),
    ],
  ]) {
    const [own, published] = await Promise.all(call().map((made) => made.then(() => undefined).catch((error) => error)));
    for (const field of ['status', 'data', 'statusText']) expect(own.response[field]).toEqual(published.response[field]);
    expect(own.response.headers['content-type']).toBe(published.response.headers['content-type']);
    expect(own.status).toBe(published.status);
  }
  server.script.handle = answer;
});

test('webhooks are judged alike', () => {
  const body = JSON.stringify({ type: 'sync', text: 'ü' });
  const hmac = createHmac('sha256', 'signing-key').update(body).digest('hex');
  const parsed = JSON.parse(body);
  const digest = createHash('sha256').update(`signing-key${body}`).digest('hex');
  for (const headers of [{ 'X-Nango-Hmac-Sha256': hmac }, { 'x-nango-hmac-sha256': hmac }, { 'x-nango-hmac-sha256': 'no' }, {}]) {
    expect(ours.verifyIncomingWebhookRequest(body, headers)).toBe(theirs.verifyIncomingWebhookRequest(body, headers));
  }
  expect(ours.verifyIncomingWebhookRequest(body, { 'x-nango-hmac-sha256': hmac })).toBe(true);
  for (const signature of [digest, 'no'])
    expect(ours.verifyWebhookSignature(signature, parsed)).toBe(theirs.verifyWebhookSignature(signature, parsed));
});

test('a client with an apiKey verifies webhooks, which the published one does not', () => {
  const body = '{}';
  const headers = { 'x-nango-hmac-sha256': createHmac('sha256', KEY).update(body).digest('hex') };
  expect(new Nango({ host: server.url, apiKey: KEY }).verifyIncomingWebhookRequest(body, headers)).toBe(false);
  expect(new Bowline({ host: server.url, apiKey: KEY }).verifyIncomingWebhookRequest(body, headers)).toBe(true);
});

async function run(client: Bowline | Nango, { method, args }: Case): Promise<{ heard: Heard[]; result: unknown }> {
  server.seen.splice(0);
  const call: (...args: readonly unknown[]) => Promise<unknown> = Reflect.get(client, method);
  const result = await call.apply(client, [...args]).then(plain, (error: Error) => ({ error: error.message }));
  return { heard: server.seen.map(heardOf), result };
}

/** Of an answer as axios has it what both have. */
function plain(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('statusText' in result)) return result;
  const { data, status, statusText, headers } = result as Record<string, Record<string, unknown>>; // as checked
  return { data, status, statusText, type: headers?.['content-type'] };
}

function heardOf({ method, path, query, headers, body }: Seen): Heard {
  const sent = Object.entries(headers).filter(
    ([name, value]) => heard.test(name) && value !== '' && !(name === 'content-type' && body === ''),
  );
  return {
    method,
    path: path.replace(/(?<=.)\/$/, ''),
    query: [...query].map(([name, value]) => `${name}=${value}`).sort(),
    headers: Object.fromEntries(sent.map(([name, value]) => [name, name === 'content-type' ? String(value).split(';')[0] : value])),
    body: bodyOf(body),
  };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const connection = {
  connection_id: 'customer-1',
  provider_config_key: 'crm',
  metadata: { a: 1 },
  credentials: { type: 'OAUTH2', access_token: 'at', raw: { scope: 'x' } },
};

function answer(seen: Seen, response: Parameters<typeof json>[0]): void {
  json(response, seen.method === 'POST' ? 201 : 200, bodyFor(seen));
}

function bodyFor({ path, method }: Seen): unknown {
  if (path === '/connections' && method === 'GET') return { connections: [connection] };
  if (path.startsWith('/connections/') && method === 'GET') return connection;
  if (path.startsWith('/records')) return { records: [{ id: '1' }], next_cursor: null, count: 1, has_more: false };
  if (path === '/environment-variables') return [{ name: 'A', value: 'b' }];
  if (path === '/integrations') return { data: [{ unique_key: 'crm' }] };
  return { data: { path }, success: true };
}
