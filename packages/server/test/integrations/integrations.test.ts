import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let call: Platform['call'];

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  call = platform.call;
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const client = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' };
const github = (unique_key: string, over: object = {}) => ({ unique_key, provider: 'github', credentials: client, ...over });
const own = { keyName: 'x-key', baseUrl: 'https://api.example.test' };

test('one that is made is answered, listed and read as the wire has it', async () => {
  const created = await call('POST', '/integrations', github('first', { display_name: 'My GitHub', forward_webhooks: false }));
  const wire = {
    unique_key: 'first',
    provider: 'github',
    display_name: 'My GitHub',
    logo: expect.stringContaining('/images/template-logos/github.svg'),
    forward_webhooks: false,
    created_at: expect.stringMatching(/Z$/),
    updated_at: expect.stringMatching(/Z$/),
  };
  expect(created).toMatchObject({ status: 200, body: { data: wire } });
  expect((await call('GET', '/integrations')).body.data).toContainEqual(created.body.data);
  expect((await call('GET', '/integrations/first')).body).toEqual({ data: created.body.data });
  const logo = await call('GET', '/images/template-logos/github.svg');
  expect(logo.status).toBe(200);
  expect(logo.headers.get('content-type')).toContain('image/svg+xml');
});

test('the client’s secret is shown only to a key that may read it, and only when asked', async () => {
  await call('POST', '/integrations', github('secret', { credentials: { ...client, scopes: 'repo,user', webhook_secret: 'w' } }));
  const credentials = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'repo,user', webhook_secret: 'w' };
  expect((await call('GET', '/integrations/secret')).body.data).not.toHaveProperty('credentials');
  for (const query of ['include=credentials', 'include=webhook&include=credentials', 'include=webhook,credentials']) {
    expect((await call('GET', `/integrations/secret?${query}`)).body.data.credentials).toEqual(credentials);
  }
  const authorization = `Bearer ${await platform.keyOf('dev', ['environment:integrations:read'])}`;
  const limited = await call('GET', '/integrations/secret?include=credentials', undefined, { authorization });
  expect(limited.status).toBe(200);
  expect(limited.body.data).not.toHaveProperty('credentials');
  expect(await call('GET', '/config/secret?include_creds=true', undefined, { authorization })).toMatchObject(failure(403, 'forbidden'));
  expect((await call('GET', '/config/secret')).body).toEqual({
    config: { unique_key: 'secret', provider: 'github', syncs: [], actions: [] },
  });
  expect((await call('GET', '/config/secret?include_creds=true')).body.config).toMatchObject({
    client_id: 'id',
    client_secret: 'secret',
    auth_mode: 'OAUTH2',
  });
  expect(await call('GET', '/integrations/secret?include=everything')).toMatchObject(failure(400, 'invalid_query_params'));
});

test('without scopes gets those of its provider', async () => {
  await call('POST', '/integrations', { unique_key: 'zendesk', provider: 'zendesk', credentials: client });
  expect((await call('GET', '/integrations/zendesk?include=credentials')).body.data.credentials.scopes).toBe('read');
});

describe('what cannot be made is refused', () => {
  test.each([
    ['an unknown provider', { unique_key: 'x', provider: 'nothing' }, ['provider']],
    ['a key that is taken', github('taken'), ['uniqueKey']],
    ['a provider that needs a client', { unique_key: 'x', provider: 'github' }, undefined],
    ['a client of another mode', github('x', { credentials: { ...client, type: 'OAUTH1' } }), undefined],
    ['scopes with spaces', github('x', { credentials: { ...client, scopes: 'a b' } }), ['credentials', 'scopes']],
    ['a key with slashes', github('a/b'), ['unique_key']],
    ['an unknown key', github('x', { surprise: 1 }), []],
    ['settings that the provider has not', github('x', { integration_config: { a: 'b' } }), undefined],
    [
      'a setting that is missing',
      { unique_key: 'x', provider: 'private-api-generic', integration_config: { keyName: 'k' } },
      ['integration_config', 'baseUrl'],
    ],
    [
      'a setting that is unknown',
      { unique_key: 'x', provider: 'private-api-generic', integration_config: { ...own, other: 'x' } },
      ['integration_config', 'other'],
    ],
    [
      'a choice that is none',
      { unique_key: 'x', provider: 'private-api-generic', integration_config: { ...own, keyPlacement: 'cookie' } },
      ['integration_config', 'keyPlacement'],
    ],
    [
      'a setting of another form',
      { unique_key: 'x', provider: 'private-api-generic', integration_config: { ...own, baseUrl: 'ftp://x' } },
      ['integration_config', 'baseUrl'],
    ],
  ])('%s', async (_what, body, path) => {
    await call('POST', '/integrations', github('taken'));
    const answer = await call('POST', '/integrations', body);
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    if (path) expect(answer.body.error.errors[0].path).toEqual(path);
    expect(await call('GET', '/integrations/x')).toMatchObject(failure(404, 'not_found'));
  });

  test('of many with one key at the same moment one is made', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', '/integrations', github('race'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  });
});

describe('a change', () => {
  test('keeps what is not given, merges settings and keeps the webhook secret', async () => {
    await call('POST', '/integrations', github('changed', { display_name: 'Before', credentials: { ...client, webhook_secret: 'w' } }));
    const answer = await call('PATCH', '/integrations/changed', { forward_webhooks: false });
    expect(answer).toMatchObject({ status: 200, body: { data: { display_name: 'Before', forward_webhooks: false } } });
    await call('PATCH', '/integrations/changed', { credentials: { ...client, client_secret: 'new' } });
    const { credentials } = (await call('GET', '/integrations/changed?include=credentials')).body.data;
    expect(credentials).toMatchObject({ client_secret: 'new', webhook_secret: 'w' });
    await call('PATCH', '/integrations/changed', { credentials: { ...client, webhook_secret: '' } });
    expect((await call('GET', '/integrations/changed?include=credentials')).body.data.credentials.webhook_secret).toBeFalsy();
    await call('POST', '/integrations', { unique_key: 'settings', provider: 'private-api-generic', integration_config: own });
    expect((await call('PATCH', '/integrations/settings', { integration_config: { keyName: 'other' } })).status).toBe(200);
    expect((await call('GET', '/config/settings?include_creds=true')).body.config.custom).toMatchObject({
      keyName: 'other',
      baseUrl: own.baseUrl,
    });
  });

  test('of the key frees the old one; to a taken one it is refused', async () => {
    await call('POST', '/integrations', github('old-name'));
    expect(await call('PATCH', '/integrations/old-name', { unique_key: 'taken-name' })).toMatchObject({
      status: 200,
      body: { data: { unique_key: 'taken-name' } },
    });
    expect(await call('GET', '/integrations/old-name')).toMatchObject(failure(404, 'not_found'));
    await call('POST', '/integrations', github('old-name'));
    expect(await call('PATCH', '/integrations/old-name', { unique_key: 'taken-name' })).toMatchObject(failure(400, 'invalid_body'));
  });

  test.each([
    ['an unknown one', 'nothing', {}, 404, 'not_found'],
    ['another mode', 'known', { credentials: { ...client, type: 'OAUTH1' } }, 400, 'invalid_body'],
    ['the provider', 'known', { provider: 'slack' }, 400, 'invalid_body'],
  ])('of %s is refused', async (_what, key, body, status, code) => {
    await call('POST', '/integrations', github('known'));
    expect(await call('PATCH', `/integrations/${key}`, body)).toMatchObject(failure(status, code));
  });
});

test('one that is deleted is gone, and unknown ones are not found', async () => {
  await call('POST', '/integrations', github('deleted'));
  expect(await call('DELETE', '/integrations/deleted')).toMatchObject({ status: 200, body: { success: true } });
  expect(await call('GET', '/integrations/deleted')).toMatchObject(failure(404, 'not_found'));
  expect(await call('DELETE', '/integrations/deleted')).toMatchObject(failure(404, 'not_found'));
  expect(await call('GET', '/config/deleted')).toMatchObject(failure(400, 'unknown_provider_config'));
});

test('of several who delete one at once each is told that it is gone, whoever takes its connections', async () => {
  await call('POST', '/integrations', { unique_key: 'crowd', provider: 'unauthenticated' });
  for (let index = 0; index < 20; index++) {
    const connection = { provider_config_key: 'crowd', connection_id: `crowd-${index}`, credentials: { type: 'NONE' } };
    expect((await call('POST', '/connections', connection)).status).toBe(201);
  }
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('DELETE', '/integrations/crowd')));
  const said = new Set(answers.map(({ status, body }) => `${status} ${body.error?.code ?? ''}`));
  expect(said).toContain('200 ');
  expect([...said].filter((one) => one !== '200 ' && one !== '404 not_found')).toEqual([]);
});

test('the catalogue is searched and read', async () => {
  const { body } = await call('GET', '/providers?search=GITHUB');
  expect(body.data.map(({ name }: { name: string }) => name)).toContain('github');
  expect(body.data.map(({ name }: { name: string }) => name)).not.toContain('slack');
  expect((await call('GET', '/providers/github')).body.data).toMatchObject({
    name: 'github',
    auth_mode: 'OAUTH2',
    logo_url: expect.any(String),
  });
  expect((await call('GET', '/providers/nothing')).status).toBe(404);
});

test('one whose provider left the catalogue is listed under its name, and stops none of the others', async () => {
  await call('POST', '/integrations', github('left-behind'));
  await run(platform.world.db, sql`update integrations set provider = 'gone' where unique_key = 'left-behind'`);
  const { status, body } = await call('GET', '/integrations');
  expect(status).toBe(200);
  expect(body.data.length).toBeGreaterThan(1);
  expect(body.data).toContainEqual(expect.objectContaining({ unique_key: 'left-behind', provider: 'gone', display_name: 'gone' }));
  expect(await call('GET', '/config/left-behind?include_creds=true')).toMatchObject(failure(400, 'unknown_provider_template'));
  expect(await call('PATCH', '/integrations/left-behind', { display_name: 'x' })).toMatchObject(failure(400, 'invalid_body'));
  expect(await call('DELETE', '/integrations/left-behind')).toMatchObject({ status: 200, body: { success: true } });
});
