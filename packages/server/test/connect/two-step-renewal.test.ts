/** TWO_STEP: refresh tokens and what stands in for them, what the developer presets, and what a provider's file may say. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { formOf, guard, jsonOf, startVendors, type Vendors } from './vendors.ts';

const field = (name: string, more = '') => `{ type: string, title: ${name}, description: D${more} }`;
const head = 'display_name: Own\ncategories: [other]\ndocs: https://example.test\nauth_mode: TWO_STEP\n';

let vendors: Vendors;
beforeAll(async () => {
  vendors = await startVendors(
    {
      aspire: `extends: aspire
token_url: API/aspire/Authorization
refresh_url: API/aspire/Authorization/RefreshToken
proxy: { base_url: API/aspire }
`,
      preset: `${head}token_url: API/preset/token
body_format: form
token_params: { id: '\${credentials.clientId}', secret: '\${credentials.clientSecret}', user: '\${credentials.user}' }
token_response: { token: access_token, token_expiration: ends, token_expiration_strategy: expireIn }
integration_config:
  clientId: ${field('Id', ', optional: true')}
  clientSecret: ${field('Secret', ', optional: true, secret: true')}
credentials: { user: ${field('User')}, team: ${field('Team', ', optional: true')} }
proxy: { base_url: API/preset, headers: { x-client: '\${credentials.clientId}', x-team: '\${credentials.team}', x-partner: '\${credentials.clientSecret}' } }
`,
      mixed: `${head}token_url: API/mixed/first
token_params: { name: '\${credentials.name}' }
token_headers: { x-time: '\${now:x}', x-id: '\${random}', x-same-id: '\${random}' }
token_response: { token: '' }
token_response_headers: [x-region]
token_expires_in_ms: 3600000
additional_steps:
  - token_url: API/mixed/second
    token_params: { both: '\${step1.list.0.id}-\${step1.code}', deep: { flag: true, of: ['\${step1.code}', 7] } }
    body_format: json
  - token_url: 'API/mixed/third?code=\${step2.code}&first=\${step1.code}'
    token_request_method: GET
    token_headers: { x-signed: '\${sha256Hex(\${step2.code})}' }
credentials: { name: ${field('Name')} }
proxy: { base_url: API/mixed, headers: { x-region: '\${credentials.x-region}' } }
`,
    },
    { preset: { clientId: 'client-of-the-app', clientSecret: 'secret-of-the-app' } },
  );
});
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('aspire: a refresh token', () => {
  const login = { clientId: 'client-1', secret: 'secret-1' };
  const params = { domain: 'cloud-api.youraspire.com' };
  const state = { refresh: '', logins: 0, renewals: 0, answers: 200 };
  /** A JWT nobody checks, good for an hour. */
  const token = (subject: string) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part({ sub: subject, exp: Math.floor(vendors.now().getTime() / 1000) + 3600 })}.x`;
  };
  let current = '';
  beforeAll(() => {
    const grant = (kind: string, n: number) => {
      current = token(`${kind}-${n}`);
      state.refresh = `refresh-of-${kind}-${n}`;
      return { Token: current, RefreshToken: state.refresh };
    };
    vendors.upstream.on('/aspire/Authorization', (request, response) => {
      expect(jsonOf(request)).toEqual({ ClientId: 'client-1', Secret: 'secret-1' });
      state.logins++;
      json(response, grant('login', state.logins));
    });
    vendors.upstream.on('/aspire/Authorization/RefreshToken', (request, response) => {
      state.renewals++;
      if (state.answers !== 200) return json(response, { message: 'no' }, state.answers);
      if (jsonOf(request).RefreshToken !== state.refresh) return json(response, {}, 401);
      json(response, grant('renewal', state.renewals));
    });
    guard(vendors.upstream, '/aspire/Contacts', 'authorization', () => `Bearer ${current}`);
  });

  test('is used at the refresh URL, rotates, and is shown to no one who does not ask for it', async () => {
    const connection = await vendors.connected('TWO_STEP', 'aspire', login, params);
    const { credentials } = (await vendors.read('aspire', connection)).body;
    expect(Math.abs(Date.parse(credentials.expires_at) - vendors.now().getTime() - 3_600_000)).toBeLessThan(60_000);
    expect(JSON.stringify(credentials)).not.toContain('refresh-of');
    for (const renewals of [1, 2]) {
      vendors.platform.advance(3_600_000);
      expect((await vendors.call('aspire', connection, '/Contacts')).status).toBe(200);
      expect(state).toMatchObject({ logins: 1, renewals });
    }
  });

  test('that is no longer good is replaced by signing in again with what was entered', async () => {
    const connection = await vendors.connected('TWO_STEP', 'aspire', login, params);
    const { logins } = state;
    state.refresh = 'of somebody else';
    vendors.platform.advance(3_600_000);
    expect((await vendors.call('aspire', connection, '/Contacts')).status).toBe(200);
    expect(state.logins).toBe(logins + 1);
  });

  test('is kept while the provider is down: nobody signs in against that', async () => {
    const connection = await vendors.connected('TWO_STEP', 'aspire', login, params);
    const { logins } = state;
    state.answers = 503;
    expect((await vendors.read('aspire', connection, true)).body.error.code).toBe('invalid_credentials');
    expect(state.logins).toBe(logins);
    state.answers = 200;
    expect((await vendors.read('aspire', connection, true)).status).toBe(200);
    expect(state.logins).toBe(logins);
  });
});

describe('what the developer presets on the integration', () => {
  beforeAll(() => {
    vendors.upstream.on('/preset/token', (request, response) => {
      const { id, secret, user } = formOf(request);
      if (secret !== 'secret-of-the-app' && secret !== 'a new secret') return json(response, { reason: `bad secret ${secret}` }, 403);
      json(response, { access_token: `${id} ${secret} ${user} ${request.index}`, ends: '12h' });
    });
    vendors.upstream.on('/preset/me', ({ headers }, response) =>
      json(response, { client: headers['x-client'], team: headers['x-team'] ?? null }),
    );
  });

  test('stands in for the credential, is read by headers, and is on no connection', async () => {
    const connection = await vendors.connected('TWO_STEP', 'preset', {
      user: 'ada',
      clientSecret: 'of the browser',
      stray: 'x',
      token: 'x',
    });
    const { credentials } = (await vendors.read('preset', connection)).body;
    expect(credentials).toEqual({
      type: 'TWO_STEP',
      user: 'ada',
      token: 'client-of-the-app secret-of-the-app ada 0',
      expires_at: expect.any(String),
      raw: { access_token: 'client-of-the-app secret-of-the-app ada 0', ends: '12h' },
    });
    expect(Math.abs(Date.parse(credentials.expires_at) - vendors.now().getTime() - 12 * 3_600_000)).toBeLessThan(60_000);
    expect((await vendors.call('preset', connection, '/me')).body).toEqual({ client: 'client-of-the-app', team: null });
    expect(vendors.upstream.received('/preset/me')[0]?.headers['x-partner']).toBe('secret-of-the-app');
    await vendors.platform.world.journal.flush();
    const { rows } = await sql<{ text: string }>`select m::text as text from operation_messages m`.execute(vendors.platform.world.db);
    const logged = rows.map(({ text }) => text).join('\n');
    expect(logged).toContain('client-of-the-app');
    expect(logged).not.toContain('secret-of-the-app');
  });

  test('counts at the next renewal when it is changed, and is not repeated in an error', async () => {
    const connection = await vendors.connected('TWO_STEP', 'preset', { user: 'ada', team: 'red' });
    expect((await vendors.call('preset', connection, '/me')).body.team).toBe('red');
    const set = (clientSecret: string) => vendors.platform.call('PATCH', '/integrations/preset', { integration_config: { clientSecret } });
    await set('a new secret');
    expect((await vendors.read('preset', connection, true)).body.credentials.token).toContain('a new secret');
    await set('a wrong secret');
    const refused = await vendors.connect('TWO_STEP', 'preset', { user: 'bob' });
    expect(refused).toMatchObject(failure(400, 'invalid_two_step_credentials'));
    expect(refused.body.error.message).toContain('refused with status 403 (bad secret [removed])');
  });

  test('is asked of the person where it is not set', async () => {
    const bare = await vendors.platform.call('POST', '/integrations', { unique_key: 'bare', provider: 'preset' });
    expect(bare.status).toBe(200);
    const without = await vendors.connect('TWO_STEP', 'bare', { user: 'ada', clientId: 'mine' });
    expect(without).toMatchObject(failure(400, 'invalid_body'));
    expect(without.body.error.message).toBe('Secret is required');
    const connection = await vendors.connected('TWO_STEP', 'bare', { user: 'ada', clientId: 'mine', clientSecret: 'secret-of-the-app' });
    expect((await vendors.read('bare', connection)).body.credentials).toMatchObject({
      clientId: 'mine',
      clientSecret: 'secret-of-the-app',
    });
  });
});

test('steps read several earlier answers in one text, each in its own format; the last answer whole may be the token', async () => {
  const { upstream } = vendors;
  upstream.on('/mixed/first', ({ headers }, response) => {
    expect(headers['x-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-same-id']).toBe(headers['x-id']);
    expect(Math.abs(Number(headers['x-time']) - vendors.now().getTime())).toBeLessThan(60_000);
    response.setHeader('x-region', 'eu-1');
    json(response, { list: [{ id: 'a' }], code: 'one' }, 201);
  });
  upstream.on('/mixed/second', (request, response) => {
    expect(jsonOf(request)).toEqual({ both: 'a-one', deep: { flag: true, of: ['one', 7] } });
    json(response, { code: 'two&2' });
  });
  upstream.on('/mixed/third', ({ url, headers }, response) => {
    expect(url).toBe('/mixed/third?code=two%262&first=one');
    expect(headers['x-signed']).toMatch(/^[0-9a-f]{64}$/);
    response.end('plain-token-3');
  });
  const connection = await vendors.connected('TWO_STEP', 'mixed', { name: 'n' });
  const { credentials } = (await vendors.read('mixed', connection)).body;
  expect(credentials).toMatchObject({ token: 'plain-token-3', raw: {}, 'x-region': 'eu-1' });
  upstream.on('/mixed/me', ({ headers }, response) => json(response, { token: headers.authorization, region: headers['x-region'] }));
  expect((await vendors.call('mixed', connection, '/me')).body).toEqual({ token: 'Bearer plain-token-3', region: 'eu-1' });

  upstream.on('/mixed/third', (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>down for a while</html>'),
  );
  const page = await vendors.connect('TWO_STEP', 'mixed', { name: 'n' });
  expect(page).toMatchObject(failure(400, 'invalid_two_step_credentials'));
  expect(page.body.error.message).toContain('answered 200 without a token');
  upstream.on('/mixed/third', (_request, response) => response.destroy());
  expect(await vendors.connect('TWO_STEP', 'mixed', { name: 'n' })).toMatchObject(failure(400, 'two_step_credentials_fetch_error'));
});
