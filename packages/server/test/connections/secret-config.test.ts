import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { only } from '../../src/base/database.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;

const config = { region: 'eu', restKey: 'canary-rest-key' };
const legacy = { jwtToken: 'canary-jwt', userCredentials: { access_token: 'canary-user' } };

beforeAll(async () => {
  upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-secret-config-'));
  const entry = `display_name: Keyed
categories: [other]
docs: https://example.test
auth_mode: OAUTH2
authorization_url: https://login.example.test/authorize
token_url: ${upstream.url}/token
connection_config:
  region: { type: string, title: Region, description: Where }
  restKey: { type: string, title: Key, description: A second key, secret: true }
proxy:
  base_url: ${upstream.url}
  headers: { x-rest-key: '\${connectionConfig.restKey}', x-region: '\${connectionConfig.region}' }
`;
  writeFileSync(join(folder, 'keyed.yaml'), entry);
  platform = await startPlatform({ worker: false, providers: [folder], allow: [`127.0.0.1:${upstream.port}`] });
  const credentials = { type: 'OAUTH2', client_id: 'c', client_secret: 's', scopes: '' };
  await platform.call('POST', '/integrations', { unique_key: 'keyed', provider: 'keyed', credentials });
  upstream.on('/token', (_request, response) => json(response, { access_token: 'renewed', refresh_token: 'r-2', expires_in: 3600 }));
  upstream.on('/me', ({ headers }, response) => json(response, { key: headers['x-rest-key'], region: headers['x-region'] }));
});

const fresh = { type: 'OAUTH2', access_token: 'a', refresh_token: 'r' };
const connect = async (connection_id: string, more: object = {}) => {
  const body = { provider_config_key: 'keyed', connection_id, credentials: fresh, connection_config: { ...config, ...legacy }, ...more };
  const answer = await platform.call('POST', '/connections', body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer;
};
const read = (id: string, more = '', headers: Record<string, string> = {}) =>
  platform.call('GET', `/connections/${id}?provider_config_key=keyed${more}`, undefined, headers);
const stored = async (id: string) =>
  (await only<{ text: string }>(platform.world.db, sql`select to_jsonb(c)::text as text from connections c where connection_id = ${id}`))
    .text;
const use = async (id: string) =>
  (await platform.call('GET', '/proxy/me', undefined, { 'provider-config-key': 'keyed', 'connection-id': id })).body;

test('secret fields of the configuration are not in the database in the clear, and requests are made with them', async () => {
  await connect('c-1');
  expect(await stored('c-1')).not.toContain('canary');
  expect(await stored('c-1')).toContain('"region": "eu"');
  expect(await use('c-1')).toEqual({ key: config.restKey, region: 'eu' });
});

test('who may read credentials gets them in the configuration, as before; who may not gets the rest', async () => {
  await connect('c-2');
  expect((await read('c-2')).body.connection_config).toEqual({ ...config, ...legacy });
  const key = await platform.keyOf('dev', ['environment:connections:read', 'environment:connections:list']);
  const answer = await read('c-2', '', { authorization: `Bearer ${key}` });
  expect(answer).toMatchObject({ status: 200, body: { connection_config: { region: 'eu' } } });
  expect(JSON.stringify(answer.body)).not.toContain('canary');
  const list = await platform.call('GET', '/connections', undefined, { authorization: `Bearer ${key}` });
  expect(JSON.stringify(list.body)).not.toContain('canary');
});

test('the dashboard and a refresh that fails do not show them', async () => {
  await connect('c-3');
  const member = await platform.member();
  const page = await member('GET', '/api/connections/c-3?provider_config_key=keyed');
  expect(page).toMatchObject({ status: 200, body: { connection_config: { region: 'eu' } } });
  expect(JSON.stringify(page.body)).not.toContain('canary');
  upstream.on('/token', (_request, response) => json(response, { error: 'invalid_grant' }, 400));
  const failed = await read('c-3', '&force_refresh=true');
  upstream.on('/token', (_request, response) => json(response, { access_token: 'renewed', refresh_token: 'r-2', expires_in: 3600 }));
  expect(failed.body.error.payload.connection.connection_config).toEqual({ region: 'eu' });
  expect(JSON.stringify(failed.body)).not.toContain('canary');
});

test('they survive a refresh, and an import that leaves the configuration out', async () => {
  await connect('c-4');
  expect((await read('c-4', '&force_refresh=true')).body).toMatchObject({
    credentials: { access_token: 'renewed' },
    connection_config: { ...config, ...legacy },
  });
  expect(await use('c-4')).toEqual({ key: config.restKey, region: 'eu' });
  await connect('c-4', { connection_config: undefined, credentials: { ...fresh, access_token: 'another' } });
  expect((await read('c-4')).body).toMatchObject({ credentials: { access_token: 'another' }, connection_config: { ...config, ...legacy } });
  await connect('c-4', { connection_config: { region: 'us', restKey: 'canary-second' } });
  expect((await read('c-4')).body.connection_config).toEqual({ region: 'us', restKey: 'canary-second' });
  expect(await stored('c-4')).not.toContain('canary');
});
