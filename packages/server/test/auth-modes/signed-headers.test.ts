// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { importConnection } from '../connections/fixture.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { type AwsServer, account, serveAws } from './aws-server.ts';

let upstream: Upstream;
let platform: Platform;
let aws: AwsServer;

beforeAll(async () => {
  upstream = await startUpstream();
  aws = serveAws(upstream);
  const folder = mkdtempSync(join(tmpdir(), 'bowline-signed-'));
  const proxy = `proxy: { base_url: '${upstream.url}' }\n`;
  writeFileSync(join(folder, 'duo.yaml'), `extends: cisco-duo-admin\nconnection_config: { hostname: null }\n${proxy}`);
  writeFileSync(
    join(folder, 'iam.yaml'),
    `extends: aws-iam\nproxy:\n  base_url: ${upstream.url}\n  headers: { authorization: '\${awsSigV4(\${credentials.username}, \${credentials.password}, us-east-1, execute-api, \${host})}' }\n`,
  );
  const retry = '{ in_body: { path: error.message, strategy: after, value: "in (\\\\d+\\\\.\\\\d+) s" } }';
  writeFileSync(
    join(folder, 'told.yaml'),
    `display_name: Told\ncategories: [other]\ndocs: https://example.test\nauth_mode: NONE\nproxy: { base_url: '${upstream.url}', retry: ${retry} }\n`,
  );
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: [folder], worker: false });
  for (const provider of ['duo', 'iam', 'told']) await platform.call('POST', '/integrations', { unique_key: provider, provider });
  const pair = (username: string, password: string) => ({ credentials: { type: 'BASIC', username, password } });
  await importConnection(platform, 'duo', { provider_config_key: 'duo', ...pair('DIKEY', 'the secret key') });
  await importConnection(platform, 'iam', { provider_config_key: 'iam', ...pair(account.accessKeyId, account.secretAccessKey) });
  await importConnection(platform, 'told', { provider_config_key: 'told', credentials: { type: 'NONE' } });
});

const proxied = (key: string, method: string, path: string, { body, ...headers }: Record<string, string> = {}) =>
  platform.call(method, `/proxy${path}`, body, {
    authorization: `Bearer ${platform.apiKey}`,
    'connection-id': key,
    'provider-config-key': key,
    ...headers,
  });

test('a provider’s headers may sign the request: Duo’s cover date, method, host, path and parameters', async () => {
  upstream.on('/admin/v1/users', ({ method, headers, url, body }, response) => {
    const [, params = ''] = url.split('?');
    const sorted = [...new URLSearchParams(params), ...new URLSearchParams(body.toString())]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join('&');
    const lines = [headers.date, method, headers.host, '/admin/v1/users', sorted].join('\n');
    const expected = createHmac('sha1', 'the secret key').update(lines).digest('hex');
    const given = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    json(response, { ok: given === `DIKEY:${expected}`, given }, given === `DIKEY:${expected}` ? 200 : 401);
  });
  expect((await proxied('duo', 'GET', '/admin/v1/users?offset=0&limit=10&name=Ann%20B')).body).toMatchObject({ ok: true });
  const form = { 'content-type': 'application/x-www-form-urlencoded', body: 'username=root&realname=First+Last' };
  expect((await proxied('duo', 'POST', '/admin/v1/users', form)).body).toMatchObject({ ok: true });
});

test('a provider’s headers may hold a signature of AWS, body included, for a body of any length', async () => {
  aws.refusals.length = 0;
  const long = 'x'.repeat(1_500_000);
  const { status, body } = await proxied('iam', 'POST', '/api?Action=ListUsers&Version=2010-05-08', {
    'content-type': 'text/plain',
    body: long,
  });
  expect({ status, bytes: body.bytes, refusals: aws.refusals }).toEqual({ status: 200, bytes: long.length, refusals: [] });
  expect(upstream.received('/api').at(-1)?.headers.authorization).toContain('SignedHeaders=content-type;host;x-amz-date,');
});

test('a header of the caller stays as it is', async () => {
  upstream.on('/echo', ({ headers }, response) => json(response, headers));
  const { body } = await proxied('duo', 'GET', '/echo', { 'nango-proxy-date': 'mine', 'nango-proxy-authorization': 'also mine' });
  expect(body).toMatchObject({ date: 'mine', authorization: 'also mine' });
});

test('an error body that tells when to try again is read, and the last one arrives whole', async () => {
  const waits: number[] = [];
  upstream.on('/limited', (_request, response) => {
    waits.push(Date.now());
    json(response, { error: { message: 'Slow down: try again in 0.05 s', trace: 'z'.repeat(waits.length > 2 ? 200_000 : 10) } }, 429);
  });
  const { status, body } = await proxied('told', 'GET', '/limited', { retries: '2' });
  expect(status).toBe(429);
  expect(waits).toHaveLength(3);
  expect(body.error.trace).toHaveLength(200_000);
});
