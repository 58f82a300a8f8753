/** Auth modes whose token we sign ourselves: JWT and SIGNATURE. */
import { createHash, createSecretKey } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { ec, pem, rsa, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
beforeAll(async () => {
  vendors = await startVendors({
    'ghost-admin': 'extends: ghost-admin\nproxy: { base_url: API }\n',
    'apple-app-store': 'extends: apple-app-store\nproxy: { base_url: API }\n',
    'snowflake-jwt': 'extends: snowflake-jwt\nproxy: { base_url: API }\n',
    emarsys: 'extends: emarsys\nproxy: { base_url: API }\n',
    shared: `extends: ghost-admin
signature: { hmac_secret_encoding: utf8 }
token: { signing_key: '\${credentials.privateKey}', header: { kid: null } }
credentials: { privateKey: { pattern: null } }
proxy: { base_url: API, headers: { authorization: null }, verification: null }
`,
  });
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('ghost-admin', () => {
  const id = '5f2a0c5e8b1d4a0019c3e7f1';
  const secret = '8c1e'.repeat(16);
  const adminDomain = 'blog.example.test';

  beforeAll(() => {
    const api = async (token: string) => {
      expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: id });
      const key = createSecretKey(secret, 'hex');
      const { payload } = await jwtVerify(token, key, { audience: '/admin/', maxTokenAge: 300, currentDate: vendors.now() });
      return (payload.exp ?? 0) - (payload.iat ?? 0) <= 300;
    };
    vendors.upstream.on('/posts/', async ({ headers }, response) => {
      const token = headers.authorization?.replace(/^Ghost /, '') ?? '';
      const accepted = headers['accept-version'] === 'v5.0' && (await api(token).catch(() => false));
      json(response, { posts: [] }, accepted ? 200 : 401);
    });
  });

  test('signs with the half of the key that is the secret, names the other, and signs anew when five minutes are over', async () => {
    const connection = await vendors.connected('JWT', 'ghost-admin', { privateKey: `${id}:${secret}` }, { adminDomain });
    const before = (await vendors.read('ghost-admin', connection)).body.credentials;
    expect(before).toEqual({ type: 'JWT', privateKey: `${id}:${secret}`, token: expect.any(String), expires_at: expect.any(String) });
    expect((await vendors.call('ghost-admin', connection, '/posts/')).status).toBe(200);
    vendors.platform.advance(6 * 60_000);
    expect((await vendors.call('ghost-admin', connection, '/posts/')).status).toBe(200);
    expect((await vendors.read('ghost-admin', connection)).body.credentials.token).not.toBe(before.token);
  });

  test('a key the API refuses makes no connection', async () => {
    const count = async () => (await vendors.platform.call('GET', '/connections')).body.connections.length;
    const before = await count();
    const wrong = await vendors.connect('JWT', 'ghost-admin', { privateKey: `${id}:${'00'.repeat(32)}` }, { adminDomain });
    expect(wrong).toMatchObject(failure(400, 'connection_test_failed'));
    expect(wrong.body.error.message).toContain('401');
    expect(await count()).toBe(before);
  });

  test.each([
    ['no key', {}, 'Admin API key is required'],
    ['a key of another form', { privateKey: 'secret-of-another-form' }, 'Admin API key has another form'],
    ['an object', { privateKey: { id } }, 'Admin API key is required'],
  ])('%s is refused before anything is signed, and is not repeated', async (_what, body, message) => {
    const answer = await vendors.connect('JWT', 'ghost-admin', body, { adminDomain });
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.message).toContain(message);
    expect(answer.body.error.message).not.toContain('secret-of-another-form');
  });
});

test('a shared secret may be plain text, and Bearer is where a token goes that no header names', async () => {
  const connection = await vendors.connected('JWT', 'shared', { privateKey: 'a plain secret' }, { adminDomain: 'x.test' });
  vendors.upstream.on('/shared', async ({ headers }, response) => {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    await jwtVerify(token, Buffer.from('a plain secret'), { currentDate: vendors.now() });
    json(response, {});
  });
  expect((await vendors.call('shared', connection, '/shared')).status).toBe(200);
});

describe('apple-app-store', () => {
  const about = { privateKeyId: '2X9R4HXF34', issuerId: '57246542-96fe-1a63-e053-0824d011072a' };
  beforeAll(() => {
    vendors.upstream.on('/v1/apps', async ({ headers }, response) => {
      const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
      const options = { audience: 'appstoreconnect-v1', issuer: about.issuerId, currentDate: vendors.now(), algorithms: ['ES256'] };
      const verified = await jwtVerify(token, ec.publicKey, options).catch(() => undefined);
      const lives = (verified?.payload.exp ?? 0) - (verified?.payload.iat ?? 0);
      const accepted = verified?.protectedHeader.kid === about.privateKeyId && lives === 1200;
      json(response, { scope: verified?.payload.scope ?? null }, accepted ? 200 : 401);
    });
  });

  const key = pem(ec.privateKey);
  test.each([
    ['as it is in the file', key],
    ['with escaped line breaks', key.trim().replaceAll('\n', '\\n')],
    ['on one line', key.replaceAll('\n', ' ')],
    ['in base64', Buffer.from(key).toString('base64')],
    ['in base64 twice', Buffer.from(Buffer.from(key).toString('base64')).toString('base64')],
    ['of the older form', pem(ec.privateKey, 'sec1')],
    ['without its markers', key.replaceAll(/-----[A-Z ]+-----/g, '')],
  ])('signs with a key pasted %s', async (_how, privateKey) => {
    const connection = await vendors.connected('JWT', 'apple-app-store', { ...about, privateKey });
    expect(await vendors.call('apple-app-store', connection, '/v1/apps')).toMatchObject({ status: 200, body: { scope: null } });
  });

  test('a list is of what was typed between commas', async () => {
    const body = { ...about, privateKey: key, scope: 'GET /v1/apps, GET /v1/builds,' };
    const connection = await vendors.connected('JWT', 'apple-app-store', body);
    expect((await vendors.call('apple-app-store', connection, '/v1/apps')).body).toEqual({ scope: ['GET /v1/apps', 'GET /v1/builds'] });
  });

  test.each([
    ['no key at all', 'certainly no key', 'cannot be read'],
    ['one that is cut off', key.slice(0, 120), 'cannot be read'],
    ['one of another kind', pem(rsa.privateKey), 'cannot sign with ES256'],
  ])('says of %s what is wrong with it, without repeating it', async (_what, privateKey, message) => {
    const answer = await vendors.connect('JWT', 'apple-app-store', { ...about, privateKey });
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.message).toContain(message);
    expect(JSON.stringify(answer.body)).not.toContain(privateKey.slice(0, 40));
  });
});

test('snowflake-jwt: the issuer ends with the fingerprint of the public key', async () => {
  const user = 'MYORG-ACCOUNT123.INTEGRATION';
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const issuer = `${user}.SHA256:${createHash('sha256').update(der).digest('base64')}`;
  vendors.upstream.on('/api/v2/databases', async ({ headers }, response) => {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    const options = { issuer, subject: user, currentDate: vendors.now(), algorithms: ['RS256'] };
    const verified = await jwtVerify(token, rsa.publicKey, options).catch(() => undefined);
    const lives = (verified?.payload.exp ?? 0) - (verified?.payload.iat ?? 0);
    const accepted = lives > 0 && lives < 3600 && headers['x-snowflake-authorization-token-type'] === 'KEYPAIR_JWT';
    json(response, [], accepted ? 200 : 401);
  });
  const privateKey = pem(rsa.privateKey).trim().replaceAll('\n', '\\n');
  const body = { accountIdentifier: 'MYORG-ACCOUNT123', userName: 'INTEGRATION', privateKey };
  const connection = await vendors.connected('JWT', 'snowflake-jwt', body, { subdomain: 'myorg-account123' });
  expect((await vendors.call('snowflake-jwt', connection, '/api/v2/databases')).status).toBe(200);
});

describe('emarsys', () => {
  const login = { username: 'example001', password: 'pass "word"' };
  const header = /^UsernameToken Username="([^"]+)", PasswordDigest="([^"]+)", Nonce="([0-9a-f]{32})", Created="([^"]+)"$/;
  const nonces = new Set<string>();
  beforeAll(() => {
    vendors.upstream.on('/api/v2/settings', ({ headers }, response) => {
      const [, username, digest, nonce = '', created = ''] = header.exec(String(headers['x-wsse'])) ?? [];
      const expected = Buffer.from(
        createHash('sha1')
          .update(nonce + created + login.password)
          .digest('hex'),
      ).toString('base64');
      const ageMs = vendors.now().getTime() - Date.parse(created);
      const accepted = username === login.username && digest === expected && ageMs < 300_000 && headers.authorization === undefined;
      nonces.add(nonce);
      json(response, {}, accepted ? 200 : 401);
    });
  });

  test('signs each five minutes anew, with another nonce', async () => {
    const connection = await vendors.connected('SIGNATURE', 'emarsys', login);
    expect((await vendors.read('emarsys', connection)).body.credentials).toMatchObject({ type: 'SIGNATURE', ...login });
    expect((await vendors.call('emarsys', connection, '/api/v2/settings')).status).toBe(200);
    const before = nonces.size;
    vendors.platform.advance(12 * 60_000);
    expect((await vendors.call('emarsys', connection, '/api/v2/settings')).status).toBe(200);
    expect(nonces.size).toBe(before + 1);
  });

  test('refuses a wrong secret, and a name that would end its quotes', async () => {
    expect(await vendors.connect('SIGNATURE', 'emarsys', { ...login, password: 'wrong' })).toMatchObject(
      failure(400, 'connection_test_failed'),
    );
    const broken = await vendors.connect('SIGNATURE', 'emarsys', { ...login, username: 'a", Nonce="b' });
    expect(broken).toMatchObject(failure(400, 'invalid_body'));
  });
});
