import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, settled } from '../functions.ts';
import { type Answer, eventually, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

beforeAll(async () => {
  platform = await startPlatform();
  await createIntegrations(platform);
  await deploy(platform, [
    {
      name: 'create',
      type: 'action',
      exec: 'return { input };',
      more: { endpoints: [{ method: 'POST', path: '/tickets/new', group: 'Tickets' }] },
    },
    { name: 'whoami', type: 'action', exec: 'return { input };', more: { endpoints: [{ GET: '/whoami' }] } },
    {
      name: 'sync',
      models: ['First', 'Second'],
      exec: `await nango.batchSave([{ id: '1' }], 'First'); await nango.batchSave([{ id: '2' }, { id: '3' }], 'Second');`,
      more: {
        endpoints: [
          { method: 'GET', path: '/firsts' },
          { method: 'GET', path: '/seconds' },
        ],
      },
    },
  ]);
  await importConnection(platform, 'c-1');
  await settled(platform, 'c-1', 'sync');
});

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  platform.call(method, path, body, { 'connection-id': 'c-1', 'provider-config-key': 'key', ...headers });
const keyWith = async (...scopes: string[]) => ({ authorization: `Bearer ${await platform.keyOf('dev', scopes)}` });

describe('an action', () => {
  test('is called with the body as its input, in the method it declared only', async () => {
    expect(await call('POST', '/v1/tickets/new', { title: 'a' })).toMatchObject({ status: 200, body: { input: { title: 'a' } } });
    expect(await call('POST', '/v1/tickets/new/', [1])).toMatchObject({ status: 200, body: { input: [1] } });
    expect(await call('GET', '/v1/whoami')).toMatchObject({ status: 200, body: { input: {} } });
    expect(await call('PUT', '/v1/tickets/new', {})).toMatchObject(failure(404, 'not_found'));
  });

  test('may be called to answer later', async () => {
    const { status, body } = await call('POST', '/v1/tickets/new', { a: 1 }, { 'x-async': 'true' });
    expect([status, body.statusUrl]).toEqual([202, `/action/${body.id}`]);
    await eventually(async () => (await platform.call('GET', body.statusUrl)).status === 200, 'the action has ended');
  });

  test('needs the right to execute actions', async () => {
    expect(await call('GET', '/v1/whoami', undefined, await keyWith('environment:records:read'))).toMatchObject(failure(403, 'forbidden'));
    expect((await call('GET', '/v1/whoami', undefined, await keyWith('environment:actions:execute'))).status).toBe(200);
  });
});

describe('a model', () => {
  test('is read as its records are, each at its own endpoint', async () => {
    const ids = ({ body }: Answer) => body.records.map(({ id }: { id: string }) => id);
    expect(ids(await call('GET', '/v1/firsts'))).toEqual(['1']);
    const page = await call('GET', '/v1/seconds?limit=1');
    expect(ids(page)).toEqual(['2']);
    expect(ids(await call('GET', `/v1/seconds?cursor=${encodeURIComponent(page.body.next_cursor)}`))).toEqual(['3']);
    const direct = await call('GET', '/records?model=Second');
    expect((await call('GET', '/v1/seconds')).body).toEqual(direct.body);
    expect(await call('GET', '/v1/seconds?limit=many')).toMatchObject(failure(400, 'invalid_query_params'));
  });

  test('needs the right to read records', async () => {
    expect(await call('GET', '/v1/firsts', undefined, await keyWith('environment:actions:execute'))).toMatchObject(
      failure(403, 'forbidden'),
    );
    expect((await call('GET', '/v1/firsts', undefined, await keyWith('environment:records:read'))).status).toBe(200);
  });
});

test.each([
  ['an endpoint that no function declares', '/v1/nothing', {}, 404, 'not_found'],
  ['no path at all', '/v1/', {}, 404, 'not_found'],
  ['a connection that is not there', '/v1/whoami', { 'connection-id': 'nobody' }, 400, 'unknown_connection'],
  ['an integration that is not there', '/v1/whoami', { 'provider-config-key': 'nothing' }, 400, 'unknown_provider_config'],
  ['a caller without a key', '/v1/whoami', { authorization: '' }, 401, 'malformed_auth_header'],
])('%s is refused in the usual envelope', async (_what, path, headers, status, code) => {
  expect(await call('GET', path, undefined, headers)).toMatchObject(failure(status, code));
});

test('headers that name no connection are refused', async () => {
  expect(await platform.call('GET', '/v1/whoami')).toMatchObject(failure(400, 'invalid_headers'));
});
