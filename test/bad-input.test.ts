/**
 * Bad input on every route of the contract: never a 500, always the wire's status, code and envelope. Most cases are generated from the
 * contract itself, so a new route is covered the moment it is written down.
 */

import { problems } from '@bowline/api/problems';
import type { Route } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { dropHome, makeHome, type Platform, startPlatform } from './platform.ts';

let place: { home: string; port: number };
let platform: Platform;
/** A sign of life that must stay until the end: nothing below may change or break it. */
const KEY = 'keep';
const ACCOUNT_KEY = '9f2504e0-4f89-41d3-9a0c-0305e82c3301';

beforeAll(async () => {
  place = await makeHome();
  platform = await startPlatform({ ...place, env: { BOWLINE_ACCOUNT_KEY: ACCOUNT_KEY } });
  await platform.nango.createIntegration({ provider: 'unauthenticated', unique_key: KEY });
});

afterAll(async () => {
  await platform?.stop();
  dropHome(place);
});

const all: { name: string; route: Route }[] = Object.entries(publicRoutes).flatMap(([resource, named]) =>
  Object.entries(named).map(([name, route]) => ({ name: `${resource}.${name}`, route })),
);
const withKey = all.filter(({ route }) => ['apiKey', 'accountKey', 'connectSessionOrApiKey'].includes(route.caller));
const JSON_TYPE = { 'content-type': 'application/json' };
const CONNECTION = { 'connection-id': 'c-1', 'provider-config-key': KEY };

type Sent = { headers?: Record<string, string>; body?: string; query?: string; key?: boolean };

async function send({ method, path, caller }: Route, { headers = {}, body, query = '', key = true }: Sent = {}) {
  const filled = path.replace(
    /:(\w+)/g,
    (_, name: string) => ({ id: '00000000-0000-4000-8000-000000000000', provider: 'github', environmentId: '999999' })[name] ?? 'x-1',
  );
  const bearer = caller === 'accountKey' ? ACCOUNT_KEY : platform.apiKey;
  const authorization: Record<string, string> = key && caller !== 'public' ? { authorization: `Bearer ${bearer}` } : {};
  const response = await fetch(`${platform.url}${filled}${query}`, {
    method,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : parse(text) };
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const headersOf = (route: Route) => (route.headers && !accepts(route.headers, {}) ? CONNECTION : {});
const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const hasBody = (route: Route) => route.method !== 'GET' && route.body !== undefined;

describe('every route that needs an API key', () => {
  test.each(withKey)('$name refuses a caller without one, or with a wrong one', async ({ route }) => {
    const codeOf = async (headers: Record<string, string>) => {
      const { status, body } = await send(route, { key: false, headers });
      return `${status} ${body?.error?.code}`;
    };
    expect(await codeOf({})).toBe('401 missing_auth_header');
    expect(await codeOf({ authorization: 'Bearer ' })).toMatch(/^401 (malformed_auth_header|invalid_secret_key_format)$/);
    expect(await codeOf({ authorization: 'Bearer not-a-uuid' })).toBe('401 invalid_secret_key_format');
    expect(await codeOf({ authorization: 'Basic dXNlcjpwYXNz' })).toBe('401 invalid_secret_key_format');
    expect(await codeOf({ authorization: 'Bearer 3f2504e0-4f89-41d3-9a0c-0305e82c3301' })).toBe('401 unknown_account');
  });
});

describe('every route', () => {
  const bodied = all.filter(({ route }) => hasBody(route));

  test.each(bodied)('$name refuses a body that is not JSON, or not sent as JSON', async ({ route }) => {
    for (const body of ['{', '{"a":', 'nonsense', "{'a': 1}", '{"a":1}{"b":2}', '\u0000']) {
      const refused = await send(route, { headers: { ...headersOf(route), ...JSON_TYPE }, body });
      expect(`${refused.status} ${refused.body?.error?.code} for ${body}`).toBe(`400 invalid_json for ${body}`);
    }
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const refused = await send(route, { headers: { ...headersOf(route), 'content-type': type }, body: '{}' });
      expect(`${refused.status} ${refused.body?.error?.code} for ${type}`).toBe(`415 invalid_content_type for ${type}`);
    }
  });

  test.each(bodied.filter(({ route }) => ['apiKey', 'accountKey'].includes(route.caller)))(
    '$name refuses a body of the wrong kind',
    async ({ route }) => {
      for (const value of [null, 1, 'text', true, [], [{}], { surprising_key: 1 }]) {
        if (route.body && accepts(route.body, value)) continue;
        const refused = await send(route, {
          ...goodInput(route),
          headers: { ...headersOf(route), ...JSON_TYPE },
          body: JSON.stringify(value),
        });
        expectRefusal(refused, route.wording?.invalid_body?.code ?? 'invalid_body', value);
      }
    },
  );

  test.each(withKey.filter(({ route }) => route.query !== undefined && !accepts(route.query, { surprising_key: '1' })))(
    '$name refuses an unknown query key',
    async ({ route }) => {
      const refused = await send(route, {
        headers: { ...headersOf(route), ...(hasBody(route) ? JSON_TYPE : {}) },
        query: '?surprising_key=1',
        ...(hasBody(route) && { body: '{}' }),
      });
      expect(refused.status).toBe(400);
      expect(refused.body.error.code).toMatch(/^invalid_(query_params|body)$/); // whichever is looked at first
    },
  );

  test.each(withKey.filter(({ route }) => route.headers !== undefined && !accepts(route.headers, {})))(
    '$name refuses to go without its headers',
    async ({ route }) => {
      const good = goodInput(route);
      for (const headers of [
        {},
        { 'connection-id': 'c-1' },
        { 'provider-config-key': KEY },
        { 'connection-id': 'ä', 'provider-config-key': KEY },
        { ...CONNECTION, 'connection-id': 'x'.repeat(256) },
      ]) {
        const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
        const refused = await send(route, { ...good, headers: { ...sent, ...(good.body ? JSON_TYPE : {}) } });
        expectRefusal(refused, 'invalid_headers', headers);
      }
    },
  );

  test.each(all)('$name survives whatever its parameters hold', async ({ route }) => {
    const hostile = [
      '%00',
      '%F0%9F%92%A5',
      '..%2f..%2fetc',
      'x'.repeat(300),
      'x'.repeat(3000),
      "'%20or%201=1--",
      '%E0%A4%A',
      '0',
      '-1',
      '__proto__',
      'constructor',
    ];
    for (const value of hostile) {
      const path = route.path.replace(/:\w+/g, value) as `/${string}`;
      const { status, body } = await send(
        { ...route, path },
        { headers: { ...headersOf(route), ...(hasBody(route) ? JSON_TYPE : {}) }, ...(hasBody(route) && { body: '{}' }) },
      );
      expect(status, `${route.method} ${path}: ${JSON.stringify(body)}`).toBeLessThan(500);
    }
  });

  test.each(withKey.filter(({ route }) => hasBody(route)))(
    '$name survives a body with each field of every wrong type',
    async ({ route }) => {
      const good = goodInput(route);
      const fields = Object.keys(JSON.parse(good.body ?? '{}'));
      const wrong = [null, 0, -1, 1e308, '', 'x'.repeat(5000), '\u0000', '\ud800', [], {}, [[[]]], { __proto__: { x: 1 } }, true];
      for (const field of fields) {
        for (const value of wrong) {
          const body = JSON.stringify({ ...JSON.parse(good.body ?? '{}'), [field]: value });
          const { status, body: answer } = await send(route, { ...good, body, headers: { ...headersOf(route), ...JSON_TYPE } });
          expect(status, `${field} = ${JSON.stringify(value)?.slice(0, 60)}: ${JSON.stringify(answer)}`).toBeLessThan(500);
          if (status >= 400) expectEnvelope(answer);
        }
      }
    },
  );
});

describe('the wire’s own words', () => {
  const uuid = '00000000-0000-4000-8000-000000000000';
  const trigger = (body: object) => ({ method: 'POST', path: '/sync/trigger', body });
  const cases: [string, { method: string; path: string; body?: unknown; headers?: Record<string, string> }, number, string][] = [
    ['an unknown integration', { method: 'GET', path: '/integrations/none' }, 404, 'not_found'],
    ['an unknown provider', { method: 'GET', path: '/providers/none' }, 404, 'not_found'],
    [
      'a connection of an unknown integration',
      { method: 'GET', path: '/connections/c-1?provider_config_key=none' },
      400,
      'unknown_provider_config',
    ],
    ['an unknown connection', { method: 'GET', path: `/connections/c-1?provider_config_key=${KEY}` }, 404, 'not_found'],
    ['a connection without naming the integration', { method: 'GET', path: '/connections/c-1' }, 400, 'invalid_query_params'],
    [
      'deleting an unknown connection',
      { method: 'DELETE', path: `/connections/c-1?provider_config_key=${KEY}` },
      400,
      'unknown_connection',
    ],
    [
      'metadata of an unknown connection',
      { method: 'POST', path: '/connections/metadata', body: { connection_id: 'c-1', provider_config_key: KEY, metadata: {} } },
      404,
      'unknown_connection',
    ],
    [
      'importing into an unknown integration',
      { method: 'POST', path: '/connections', body: { provider_config_key: 'none', credentials: { type: 'NONE' } } },
      404,
      'not_found',
    ],
    [
      'importing credentials of another kind',
      { method: 'POST', path: '/connections', body: { provider_config_key: KEY, credentials: { type: 'API_KEY', apiKey: 'x' } } },
      400,
      'invalid_body',
    ],
    [
      'an integration of an unknown provider',
      { method: 'POST', path: '/integrations', body: { provider: 'none', unique_key: 'n' } },
      400,
      'invalid_body',
    ],
    [
      'an integration key that is taken',
      { method: 'POST', path: '/integrations', body: { provider: 'unauthenticated', unique_key: KEY } },
      400,
      'invalid_body',
    ],
    ['records of an unknown connection', { method: 'GET', path: '/records?model=Row', headers: CONNECTION }, 400, 'unknown_connection'],
    ['records without a model', { method: 'GET', path: '/records', headers: CONNECTION }, 400, 'invalid_query_params'],
    [
      'records with a limit beyond the largest',
      { method: 'GET', path: '/records?model=Row&limit=10001', headers: CONNECTION },
      400,
      'invalid_query_params',
    ],
    [
      'records since a time with an offset',
      { method: 'GET', path: '/records?model=Row&modified_after=2026-01-01T00:00:00%2B02:00', headers: CONNECTION },
      400,
      'invalid_query_params',
    ],
    [
      'records by an unknown filter',
      { method: 'GET', path: '/records?model=Row&filter=moved', headers: CONNECTION },
      400,
      'invalid_query_params',
    ],
    ['a sync of an unknown integration', trigger({ syncs: ['a'], provider_config_key: 'none' }), 400, 'unknown_provider_config'],
    [
      'a sync of an unknown connection',
      trigger({ syncs: ['a'], provider_config_key: KEY, connection_id: 'c-1' }),
      404,
      'unknown_connection',
    ],
    ['an unknown sync', trigger({ syncs: ['a'], provider_config_key: KEY }), 400, 'no_syncs_found'],
    ['a sync without an integration', trigger({ syncs: ['a'] }), 400, 'missing_provider_config_key'],
    [
      'a trigger with both old and new options',
      trigger({ syncs: ['a'], provider_config_key: KEY, opts: {}, full_resync: true }),
      400,
      'invalid_body',
    ],
    [
      'the status of syncs of an unknown connection',
      { method: 'GET', path: `/sync/status?syncs=*&provider_config_key=${KEY}&connection_id=c-1` },
      400,
      'invalid_body',
    ],
    [
      'an action of an unknown connection',
      { method: 'POST', path: '/action/trigger', headers: CONNECTION, body: { action_name: 'a' } },
      400,
      'unknown_connection',
    ],
    ['the result of an unknown action', { method: 'GET', path: `/action/${uuid}` }, 404, 'not_found'],
    ['an action id that is none', { method: 'GET', path: '/action/12' }, 400, 'invalid_uri_params'],
    ['a connect session for nobody', { method: 'POST', path: '/connect/sessions', body: {} }, 400, 'invalid_body'],
    [
      'a connect session for an unknown integration',
      { method: 'POST', path: '/connect/sessions', body: { end_user: { id: '1' }, allowed_integrations: ['none'] } },
      400,
      'invalid_body',
    ],
    [
      'repairing an unknown connection',
      { method: 'POST', path: '/connect/sessions/reconnect', body: { connection_id: 'c-1', integration_id: KEY } },
      400,
      'invalid_body',
    ],
    ['a proxy call without its headers', { method: 'GET', path: '/proxy/x' }, 400, 'invalid_headers'],
    [
      'a proxy call of an unknown integration',
      { method: 'GET', path: '/proxy/x', headers: { ...CONNECTION, 'provider-config-key': 'none' } },
      404,
      'unknown_provider_config',
    ],
    [
      'a tag list that is too long',
      {
        method: 'POST',
        path: '/connect/sessions',
        body: { end_user: { id: '1' }, tags: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, 'x'])) },
      },
      400,
      'invalid_body',
    ],
    [
      'a frequency below 30 seconds',
      {
        method: 'PUT',
        path: '/sync/update-connection-frequency',
        body: { sync_name: 'a', provider_config_key: KEY, connection_id: 'c-1', frequency: 'every 5 seconds' },
      },
      400,
      'unknown_connection',
    ],
  ];

  test.each(cases)('for %s', async (_, { method, path, body, headers = {} }, status, code) => {
    const response = await platform.fetch(path, {
      method,
      headers: { ...headers, ...(body ? JSON_TYPE : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = parse(await response.text());
    expect(`${response.status} ${answer?.error?.code}`).toBe(`${status} ${code}`);
    expectEnvelope(answer);
  });

  test('an unknown method or path answers 404 in the envelope', async () => {
    for (const [method, path] of [
      ['POST', '/nowhere'],
      ['DELETE', '/records'],
      ['PATCH', '/providers'],
    ] as const) {
      const response = await platform.fetch(path, { method });
      expect(response.status).toBe(404);
    }
  });

  test('an old session token is refused where a session is needed', async () => {
    const ask = (token: string) => fetch(`${platform.url}/connect/session`, { headers: { authorization: `Bearer ${token}` } });
    expect(parse(await (await ask('nango_connect_session_short')).text()).error.code).toBe('invalid_connect_session_token_format');
    const unknown = await ask(`nango_connect_session_${'0'.repeat(64)}`);
    expect(unknown.status).toBe(401);
    expect(parse(await unknown.text()).error.code).toBe('unknown_connect_session_token');
  });

  test('after all of it, what was there is there, and the server well', async () => {
    expect((await platform.nango.listIntegrations()).configs.map(({ unique_key }) => unique_key)).toContain(KEY);
    expect(await (await fetch(`${platform.url}/health`)).json()).toEqual({ result: 'ok' });
  });
});

function expectRefusal(answer: Awaited<ReturnType<typeof send>>, code: string, about: unknown): void {
  const label = JSON.stringify(about);
  expect(`${answer.status} ${answer.body?.error?.code} for ${label}`).toBe(`400 ${code} for ${label}`);
  expectEnvelope(answer.body);
}

/** A code of the table, and words or a list of what is wrong. */
function expectEnvelope(body: {
  error?: { code?: string; message?: string; errors?: { code: string; message: string; path: string[] }[] };
}): void {
  expect(Object.keys(problems)).toContain(body?.error?.code);
  if (body?.error?.errors === undefined) expect(body?.error?.message).toMatch(/\S/);
  for (const { code, message, path } of body?.error?.errors ?? []) {
    expect(code).toMatch(/^[a-z_]+$/);
    expect(message).toMatch(/\S/);
    expect(path.every((part) => typeof part === 'string')).toBe(true);
  }
}

/** What fits the schemas of a route, as far as it can be made from them. */
function goodInput(route: Route): Sent {
  const body = hasBody(route) && route.body ? sample(z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' })) : undefined;
  const query = route.query ? Object.entries(Object(sample(z.toJSONSchema(route.query, { io: 'input', unrepresentable: 'any' })))) : [];
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return { query: text && `?${text}`, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

type Schema = z.core.JSONSchema.JSONSchema;

function sample(schema: Schema | boolean): unknown {
  if (typeof schema === 'boolean') return 'anything';
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (choice !== undefined) return sample(choice);
  if (schema.type === 'object')
    return Object.fromEntries((schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? true)]));
  if (schema.type === 'array') return [];
  if (schema.type === 'boolean') return false;
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  return schema.format === 'email' ? 'a@example.com' : schema.format === 'uuid' ? '00000000-0000-4000-8000-000000000000' : 'Model';
}
