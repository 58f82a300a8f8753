import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { createLocalJWKSet, exportJWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createOutbound } from '../../src/base/outbound.ts';
import { createAuthority } from '../certificates.ts';
import { type Answer, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
/** The same state behind a server that trusts the authority of these tests. */
let trusting: FastifyInstance;
let tls: Server;
let tlsUrl: string;
const presented: { path: string; name: string; authorization: string | undefined }[] = [];
const clientPair = { certificate: '', key: '' };
let otherKey: string;
let lapsed: { cert: string; key: string };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: typeof rsa.privateKey) => String(key.export({ type: 'pkcs8', format: 'pem' }));

beforeAll(async () => {
  upstream = await startUpstream();
  const authority = await createAuthority('ours');
  const client = await authority.client('client-7');
  Object.assign(clientPair, { certificate: client.cert, key: client.key });
  otherKey = (await authority.client('another')).key;
  tls = createServer({ ...(await authority.server()), requestCert: true, ca: authority.cert }, (request, response) => {
    const name = request.socket instanceof TLSSocket ? String(request.socket.getPeerCertificate().subject?.CN ?? '') : '';
    presented.push({ path: request.url ?? '', name, authorization: request.headers.authorization });
    json(response, request.url === '/token' ? { access_token: 'over mutual TLS', expires_in: 3600 } : { name });
  });
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  tlsUrl = `https://localhost:${(tls.address() as AddressInfo).port}`; // it listens on TCP
  const folder = mkdtempSync(join(tmpdir(), 'bowline-cc-'));
  const write = (name: string, rest: string) =>
    writeFileSync(
      join(folder, `${name}.yaml`),
      `display_name: ${name}\ncategories: [other]\ndocs: https://example.test\nauth_mode: OAUTH2_CC\n${rest}`,
    );
  const at = `token_url: ${upstream.url}/token\nproxy: { base_url: '${upstream.url}' }\n`;
  write(
    'plain',
    `${at}token_params: { audience: 'api', scope: 'from the file' }\ndefault_scopes: [a, b]\nscope_separator: '+'\ntoken_headers: { X-Api: '\${connectionConfig.tenant}' }\nconnection_config: { tenant: { type: string, title: Tenant, description: T, optional: true } }\n`,
  );
  write('basic', `${at}token_request_auth_method: basic\n`);
  write('custom', `${at}token_request_auth_method: custom\nbody_format: json\ntoken_expires_in_ms: 60000\n`);
  write('query', `${at}body_format: query\ntoken_expires_in_ms: 0\n`);
  write('signed', `${at}token_request_auth_method: private_key_jwt\n`);
  write('mutual', `token_url: ${tlsUrl}/token\nrequire_client_certificate: true\nproxy: { base_url: '${tlsUrl}' }\n`);
  const allow = [`127.0.0.1:${upstream.port}`, 'localhost', '127.0.0.1'];
  platform = await startPlatform({ allow, providers: [folder], worker: false });
  trusting = await createApp({ ...platform.world, outbound: createOutbound({ allow, authorities: authority.cert }) });
  lapsed = client;
  await trusting.listen({ port: 0, host: '127.0.0.1' });
  for (const provider of ['plain', 'basic', 'custom', 'query', 'signed', 'mutual']) {
    const answer = await platform.call('POST', '/integrations', { unique_key: provider, provider });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
  upstream.on('/token', (_request, response) => json(response, { access_token: 'granted' }));
  upstream.on('/me', ({ headers }, response) => json(response, { authorization: headers.authorization }));
});
afterAll(async () => {
  trusting.server.closeAllConnections();
  await trusting.close();
  tls.closeAllConnections();
  await new Promise((resolve) => tls.close(resolve));
});

const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const submit = async (key: string, body: object, query = '', over: object = {}): Promise<Answer> =>
  platform.call('POST', `/oauth2/auth/${key}?connect_session_token=${await session(over)}${query}`, body);
const connectionOf = async (answer: Answer): Promise<Json> => {
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  const { connectionId, providerConfigKey } = answer.body;
  return (await platform.call('GET', `/connections/${connectionId}?provider_config_key=${providerConfigKey}`)).body;
};
const asked = () => {
  const one = upstream.received('/token').at(-1);
  if (!one) throw new Error('no token was asked for');
  return {
    ...one,
    form: Object.fromEntries(new URLSearchParams(one.body.toString())),
    query: Object.fromEntries(new URL(one.url, upstream.url).searchParams),
  };
};
const client = { client_id: 'c-1', client_secret: "s'3&cret" };

describe('a token request', () => {
  test('holds the client, the scopes, what the file and the session add, and the headers of the file', async () => {
    const defaults = { integrations_config_defaults: { plain: { authorization_params: { audience: 'of the session' } } } };
    const connection = await connectionOf(await submit('plain', client, '&params[tenant]=t-1&params[oauth_scopes]=x,%20y', defaults));
    expect(asked().form).toEqual({ grant_type: 'client_credentials', audience: 'of the session', scope: 'x+y', ...client });
    expect(asked().headers['x-api']).toBe('t-1');
    expect(connection.connection_config).toMatchObject({ authorization_params: { audience: 'of the session' } });
    await platform.call('GET', `/connections/${connection.connection_id}?provider_config_key=plain&force_refresh=true`);
    expect(asked().form).toMatchObject({ audience: 'of the session', scope: 'x+y' });
  });

  test('asks for the scopes of the provider when the connection has none', async () => {
    await submit('plain', client);
    expect(asked().form.scope).toBe('a+b');
  });

  test('authenticates as the provider wants: in a header, as user name and password, in the query', async () => {
    await connectionOf(await submit('basic', client));
    expect(asked().headers.authorization).toBe(`Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`);
    expect(asked().form).toEqual({ grant_type: 'client_credentials' });
    await connectionOf(await submit('custom', client));
    expect(JSON.parse(asked().body.toString())).toEqual({
      grant_type: 'client_credentials',
      username: 'c-1',
      password: client.client_secret,
    });
    await connectionOf(await submit('query', client));
    expect(asked().query).toEqual({ grant_type: 'client_credentials', ...client });
    expect(asked()).toMatchObject({ method: 'POST', body: Buffer.alloc(0) });
    expect(asked().headers).not.toHaveProperty('content-type');
  });

  test('assumes the lifetime of the provider when the answer tells none', async () => {
    const minutes = ({ credentials }: Json) => Math.round((Date.parse(credentials.expires_at) - Date.now()) / 60_000);
    expect(minutes(await connectionOf(await submit('custom', client)))).toBe(1);
    expect(minutes(await connectionOf(await submit('basic', client)))).toBe(55);
    expect((await connectionOf(await submit('query', client))).credentials).not.toHaveProperty('expires_at');
  });

  test.each([
    ['no id', 'basic', { client_secret: 's' }, 'missing_client_id'],
    ['no secret', 'basic', { client_id: 'c' }, 'missing_client_secret'],
    ['no key where requests are signed', 'signed', client, 'invalid_body'],
    ['a key that is none', 'signed', { client_id: 'c', client_private_key: '{"kty":"RSA"}' }, 'invalid_body'],
    [
      'a PEM that is none',
      'signed',
      { client_id: 'c', client_private_key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' },
      'invalid_body',
    ],
  ])('is not made with %s', async (_what, key, body, code) => {
    const before = upstream.received('/token').length;
    expect(await submit(key, body)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(upstream.received('/token').length).toBe(before);
  });
});

describe('a client that signs', () => {
  test.each([
    [
      'an RSA key as JWK',
      async () => JSON.stringify({ ...(await exportJWK(rsa.privateKey)), kid: 'k-1' }),
      rsa.publicKey,
      { alg: 'RS256', kid: 'k-1' },
    ],
    ['an RSA key as PEM', async () => pemOf(rsa.privateKey), rsa.publicKey, { alg: 'RS256' }],
    ['an RSA key on one line', async () => pemOf(rsa.privateKey).replaceAll('\n', '\\n'), rsa.publicKey, { alg: 'RS256' }],
    ['an EC key', async () => pemOf(ec.privateKey), ec.publicKey, { alg: 'ES256' }],
  ])('proves itself to the token endpoint with %s', async (_what, key, publicKey, header) => {
    const connection = await connectionOf(await submit('signed', { client_id: 'c-1', client_private_key: await key() }));
    const { client_assertion: assertion = '', ...rest } = asked().form;
    expect(rest).toEqual({
      grant_type: 'client_credentials',
      client_id: 'c-1',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), ...header }] });
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
      issuer: 'c-1',
      subject: 'c-1',
      audience: `${upstream.url}/token`,
    });
    expect(protectedHeader).toEqual(header);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    await platform.call('GET', `/connections/${connection.connection_id}?provider_config_key=signed&force_refresh=true`);
    const again = await jwtVerify(asked().form.client_assertion ?? '', keys);
    expect(again.payload.jti).not.toBe(payload.jti);
    expect(connection.credentials).toMatchObject({ client_secret: '', token: 'granted' });
  });
});

describe('a client that shows a certificate', () => {
  const through = async (path: string, body?: object, headers: Record<string, string> = {}) => {
    const { port } = trusting.server.address() as AddressInfo; // it listens on TCP
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${platform.apiKey}`, 'content-type': 'application/json', ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer: Json = await response.json();
    return { status: response.status, body: answer };
  };
  const mutual = async (over: object) => through(`/oauth2/auth/mutual?connect_session_token=${await session()}`, { ...client, ...over });

  test.each([
    ['as they were issued', (pem: string) => pem],
    ['with escaped line breaks', (pem: string) => pem.replaceAll('\n', '\\n')],
    ['on one line', (pem: string) => pem.replaceAll('\n', ' ')],
  ])('shows it to the token endpoint and to the API, pasted %s', async (_how, paste) => {
    presented.length = 0;
    const { body } = await mutual({ client_certificate: paste(clientPair.certificate), client_private_key: paste(clientPair.key) });
    expect(body).toMatchObject({ providerConfigKey: 'mutual' });
    const called = await through('/proxy/me', undefined, { 'connection-id': body.connectionId, 'provider-config-key': 'mutual' });
    expect(called).toEqual({ status: 200, body: { name: 'client-7' } });
    expect(presented).toEqual([
      { path: '/token', name: 'client-7', authorization: undefined },
      { path: '/me', name: 'client-7', authorization: 'Bearer over mutual TLS' },
    ]);
  });

  test('does not hand anything to a server whose certificate nobody vouches for', async () => {
    presented.length = 0;
    const pair = { client_certificate: clientPair.certificate, client_private_key: clientPair.key };
    expect(await submit('mutual', { ...client, ...pair })).toMatchObject({
      status: 400,
      body: { error: { code: 'connection_test_failed' } },
    });
    expect(presented).toEqual([]);
  });

  test.each([
    ['none', () => ({}), 'client_certificate'],
    ['one without its key', () => ({ client_certificate: clientPair.certificate }), 'client_private_key'],
    ['one that is none', () => ({ client_certificate: 'hello', client_private_key: clientPair.key }), 'client_certificate'],
    ['a key that is none', () => ({ client_certificate: clientPair.certificate, client_private_key: 'hello' }), 'client_private_key'],
    ['the key of another', () => ({ client_certificate: clientPair.certificate, client_private_key: otherKey }), 'client_private_key'],
  ])('is told what is wrong with %s, and not what was in it', async (_what, over, field) => {
    const { status, body } = await mutual(over());
    expect({ status, code: body.error.code, path: body.error.errors[0].path }).toEqual({
      status: 400,
      code: 'invalid_body',
      path: ['credentials', field],
    });
    expect(JSON.stringify(body)).not.toContain(clientPair.key.split('\n')[1]);
  });

  test('is told that it expired', async () => {
    platform.advance(20 * 365 * 86_400_000);
    const { body } = await mutual({ client_certificate: lapsed.cert, client_private_key: lapsed.key });
    platform.advance(-20 * 365 * 86_400_000);
    expect(body.error.message).toContain('expired');
  });

  test('can be imported with its pair', async () => {
    const credentials = {
      type: 'OAUTH2_CC',
      token: 't',
      ...client,
      client_certificate: clientPair.certificate,
      client_private_key: clientPair.key,
    };
    const { status } = await through('/connections', { provider_config_key: 'mutual', connection_id: 'imported', credentials });
    expect(status).toBe(201);
    const called = await through('/proxy/me', undefined, { 'connection-id': 'imported', 'provider-config-key': 'mutual' });
    expect(called.body).toEqual({ name: 'client-7' });
    const wrong = { ...credentials, client_certificate: 'hello' };
    expect(await through('/connections', { provider_config_key: 'mutual', credentials: wrong })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body', errors: [{ path: ['credentials', 'client_certificate'] }] } },
    });
  });
});
