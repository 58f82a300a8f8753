import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { openPopup } from '../connect/browser.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { type AwsServer, account, role, serveAws } from './aws-server.ts';

let upstream: Upstream;
let platform: Platform;
let aws: AwsServer;

beforeAll(async () => {
  upstream = await startUpstream();
  aws = serveAws(upstream);
  const folder = mkdtempSync(join(tmpdir(), 'bowline-aws-'));
  writeFileSync(join(folder, 'aws-here.yaml'), `extends: aws-sigv4\nproxy: { base_url: '${upstream.url}' }\n`);
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: [folder], worker: false });
  const builtin = { awsAccessKeyId: account.accessKeyId, awsSecretAccessKey: account.secretAccessKey, awsStsUrl: `${upstream.url}/sts` };
  const custom = { stsMode: 'custom', stsEndpointUrl: `${upstream.url}/mine`, awsStsUrl: `${upstream.url}/sts` };
  for (const [unique_key, integration_config] of Object.entries({
    s3: { service: 's3', defaultRegion: 'us-east-1', ...builtin },
    api: { service: 'execute-api', ...builtin },
    wrong: { service: 's3', ...builtin, awsSecretAccessKey: 'guessed' },
    'by-key': { service: 's3', ...custom, stsAuthType: 'api_key', stsApiKey: 'k-1' },
    'by-basic': { service: 's3', ...custom, stsAuthType: 'basic', stsAuthUsername: 'u', stsAuthPassword: 'p' },
  })) {
    const answer = await platform.call('POST', '/integrations', { unique_key, provider: 'aws-here', integration_config });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
});

beforeEach(() => {
  aws.trusts = undefined;
  aws.answers = 'json';
  aws.refusals.length = 0;
});

const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const submit = async (key: string, body: object = { role_arn: role.arn }, query = '', token?: string) =>
  platform.call('POST', `/auth/aws-sigv4/${key}?connect_session_token=${token ?? (await session())}${query}`, body);
const connectionOf = async (id: string, key: string, more = ''): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${key}${more}`)).body;
const proxied = (key: string, id: string, method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  platform.call(method, `/proxy${path}`, body, {
    authorization: `Bearer ${platform.apiKey}`,
    'connection-id': id,
    'provider-config-key': key,
    ...headers,
  });
const connect = async (key: string, query = '&params[region]=eu-central-1'): Promise<string> => {
  const answer = await submit(key, { role_arn: role.arn }, query);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body.connectionId;
};

describe('a role', () => {
  test.each(['json', 'xml'] as const)('is assumed under an external id, and asked who it is (STS answers %s)', async (answers) => {
    aws.answers = answers;
    const id = await connect('s3');
    const connection = await connectionOf(id, 's3');
    const keys = aws.handedOut.at(-1);
    const names = { role_arn: role.arn, region: 'eu-central-1', service: 's3', external_id: expect.stringMatching(/^[0-9a-f-]{36}$/) };
    expect(connection.connection_config).toEqual(names);
    expect(connection.credentials).toMatchObject({
      type: 'AWS_SIGV4',
      ...names,
      access_key_id: keys?.accessKeyId,
      secret_access_key: keys?.secretAccessKey,
      session_token: keys?.sessionToken,
      expires_at: expect.any(String),
    });
    expect(aws.assumed.at(-1)).toEqual({
      externalId: connection.connection_config.external_id,
      session: expect.stringMatching(/^bowline-[0-9a-f]{16}$/),
      seconds: '3600',
    });
    expect(upstream.received('/sts').at(-1)?.url).toContain('GetCallerIdentity');
    expect(aws.refusals).toEqual([]);
  });

  test('takes its region from the form, the configuration or the integration, in this order', async () => {
    const region = async (body: object, query: string) =>
      (await connectionOf((await submit('s3', body, query)).body.connectionId, 's3')).connection_config.region;
    expect(await region({ role_arn: role.arn, region: 'eu-west-1' }, '&params[region]=eu-west-2')).toBe('eu-west-1');
    expect(await region({ role_arn: role.arn }, '&params[region]=eu-west-2')).toBe('eu-west-2');
    expect(await region({ role_arn: role.arn }, '')).toBe('us-east-1');
  });

  test('keeps external id and region when it is repaired, whatever the browser sends', async () => {
    const chosen = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
    const id = await connect('s3', `&params[external_id]=${chosen}&params[region]=eu-central-1`);
    const { body } = await platform.call('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: 's3' });
    aws.trusts = chosen;
    const again = await submit(
      's3',
      { role_arn: role.arn, region: 'us-west-2' },
      '&params[external_id]=b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11&params[region]=us-west-2',
      body.data.token,
    );
    expect(again).toMatchObject({ status: 200, body: { connectionId: id } });
    expect((await connectionOf(id, 's3')).connection_config).toMatchObject({ external_id: chosen, region: 'eu-central-1' });
  });

  test.each([
    ['an ARN that is none', { role_arn: 'role' }, '', 'invalid_body', ['credentials', 'role_arn']],
    ['a region that would be another host', { role_arn: role.arn, region: 'x.evil.test/' }, '', 'invalid_body', ['region']],
    ['the same among the parameters', { role_arn: role.arn }, '&params[region]=x.evil.test', 'invalid_query_params', ['params', 'region']],
    [
      'an external id that could be another’s',
      { role_arn: role.arn },
      '&params[external_id]=acme',
      'invalid_query_params',
      ['params', 'external_id'],
    ],
    ['a service of the browser’s choice', { role_arn: role.arn }, '&params[service]=iam', 'invalid_query_params', ['params', 'service']],
    [
      'an address of the browser’s choice',
      { role_arn: role.arn },
      '&params[base_url]=https://evil.test',
      'invalid_query_params',
      ['params', 'base_url'],
    ],
  ])('refuses %s, beside the input', async (_what, body, query, code, path) => {
    const answer = await submit('s3', body, query);
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect(answer.body.error.errors[0].path).toEqual(path);
  });

  test('needs a region from somewhere', async () => {
    expect(await submit('api')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body', errors: [{ path: ['params', 'region'] }] } },
    });
  });

  test('whose trust does not name the external id is explained', async () => {
    aws.trusts = 'something else';
    const answer = await submit('s3');
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
    expect(answer.body.error.message).toMatch(/trust policy must name our account as principal and [0-9a-f-]{36} as the external id/);
  });

  test('of an integration with wrong keys is explained, without the keys', async () => {
    const answer = await submit('wrong', { role_arn: role.arn, region: 'eu-central-1' });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'connection_test_failed', message: expect.stringContaining('SignatureDoesNotMatch') } },
    });
    expect(JSON.stringify(answer.body)).not.toContain('guessed');
  });

  test('has no popup', async () => {
    const { page } = await openPopup(platform, 's3', { connect_session_token: await session() });
    expect(page.html).toContain('in another way than in a popup');
  });
});

describe('a service of the developer’s that hands out credentials', () => {
  test.each([
    ['by-key', { 'x-api-key': 'k-1' }],
    ['by-basic', { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` }],
  ])('is asked as it wants (%s)', async (key, headers) => {
    upstream.on('/mine', (_request, response) => {
      const { accessKeyId, secretAccessKey, sessionToken } = aws.handOut();
      json(response, {
        credentials: { access_key_id: accessKeyId, secretAccessKey, session_token: sessionToken, expiration: Date.now() + 60_000 },
      });
    });
    const id = await connect(key);
    const asked = upstream.received('/mine').at(-1);
    expect(asked?.headers).toMatchObject(headers);
    const { connection_config: config } = await connectionOf(id, key);
    expect(JSON.parse(String(asked?.body))).toEqual({
      role_arn: role.arn,
      external_id: config.external_id,
      region: 'eu-central-1',
      service: 's3',
    });
  });

  test('that answers with another role’s credentials is not believed', async () => {
    upstream.on('/mine', (_request, response) => json(response, aws.handOut()));
    const answer = await submit('by-key', { role_arn: role.arn.replace('connected-app', 'other'), region: 'eu-central-1' });
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('another role') } } });
  });

  test('that refuses, or answers nonsense, is explained', async () => {
    for (const status of [403, 200]) {
      upstream.on('/mine', (_request, response) => json(response, { no: 'keys' }, status));
      expect(await submit('by-key', { role_arn: role.arn, region: 'eu-central-1' })).toMatchObject({
        status: 400,
        body: { error: { code: 'connection_test_failed' } },
      });
    }
  });
});

describe('the keys of the integration', () => {
  test('are sealed, read back by nobody, kept by a change of something else, and replaced by one of their own', async () => {
    const stored = () =>
      many<{ custom: Json; sealed: string }>(
        platform.world.db,
        sql`select custom, encode(secrets_sealed, 'escape') as sealed from integrations where unique_key = 's3'`,
      );
    expect((await stored())[0]?.custom).not.toHaveProperty('awsSecretAccessKey');
    expect(JSON.stringify(await stored())).not.toContain(account.secretAccessKey);
    const { body } = await platform.call('GET', '/config/s3?include_creds=true');
    expect(body.config.custom).toMatchObject({ awsAccessKeyId: account.accessKeyId });
    expect(JSON.stringify(body)).not.toContain(account.secretAccessKey);
    const change = (integration_config: object) => platform.call('PATCH', '/integrations/s3', { integration_config });
    expect((await change({ defaultRegion: 'us-east-1' })).status).toBe(200);
    await connect('s3');
    expect((await change({ awsSecretAccessKey: 'another' })).status).toBe(200);
    expect((await submit('s3')).body.error.message).toContain('SignatureDoesNotMatch');
    expect((await change({ awsSecretAccessKey: account.secretAccessKey })).status).toBe(200);
    await connect('s3');
  });
});

describe('requests', () => {
  test('to S3 are signed, whatever the name of the object holds', async () => {
    const id = await connect('s3');
    for (const path of ['/bucket/a%20b/c+d.txt', "/bucket/it's%20(1)~.txt"]) {
      expect(await proxied('s3', id, 'PUT', path, '{"a":1}', { 'content-type': 'text/plain' })).toMatchObject({ status: 200 });
      expect(await proxied('s3', id, 'GET', path)).toMatchObject({ status: 200, body: { a: 1 } });
    }
    expect((await proxied('s3', id, 'GET', "/bucket?list-type=2&prefix=a%20b/&delimiter=%2F&x=!*'()&flag")).status).toBe(200);
    expect((await proxied('s3', id, 'GET', '/bucket', undefined, { 'nango-proxy-x-amz-meta-a': '  two   spaces ' })).status).toBe(200);
    expect(aws.refusals).toEqual([]);
  });

  test('with a body that streams by go to S3 unhashed and in one piece', async () => {
    const id = await connect('s3');
    const large = 'x'.repeat(3 * 1024 * 1024);
    expect((await proxied('s3', id, 'PUT', '/bucket/large.bin', large, { 'content-type': 'application/octet-stream' })).status).toBe(200);
    expect(aws.objects.get('/bucket/large.bin')?.length).toBe(large.length);
    expect(upstream.received('/bucket/large.bin').at(-1)?.headers).toMatchObject({
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'content-length': String(large.length),
    });
    expect(aws.refusals).toEqual([]);
  });

  test('with such a body to any other service are held and hashed', async () => {
    const id = await connect('api');
    const large = 'y'.repeat(2 * 1024 * 1024);
    expect(await proxied('api', id, 'POST', '/api', large, { 'content-type': 'text/plain' })).toMatchObject({
      status: 200,
      body: { bytes: large.length },
    });
    expect((await proxied('api', id, 'GET', '/api/it%20em/x:y?b=2&a=1&a=0')).status).toBe(200);
    expect(aws.refusals).toEqual([]);
  });

  test('after the credentials expired go out with new ones of the same role', async () => {
    const id = await connect('s3');
    const before = await connectionOf(id, 's3');
    const renewed = await connectionOf(id, 's3', '&force_refresh=true');
    expect(renewed.credentials.access_key_id).not.toBe(before.credentials.access_key_id);
    expect(renewed.connection_config).toEqual(before.connection_config);
    expect((await proxied('s3', id, 'GET', '/bucket')).status).toBe(200);
    expect(aws.refusals).toEqual([]);
  });
});
