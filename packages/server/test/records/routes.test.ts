import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { createAdmit } from '../../src/http/admit.ts';
import { createServe } from '../../src/http/serve.ts';
import { createServer } from '../../src/http/server.ts';
import { recordRoutes } from '../../src/records/routes.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';
import { createTenant, type Tenant } from './tenant.ts';

const { db } = await freshDatabase();
const app = await createServer({ log: pino({ level: 'silent' }), uuid: randomUUID, secure: false });
let own: TestStream;
let other: Tenant;

beforeAll(async () => {
  own = await TestStream.open(db);
  other = await createTenant(db);
  await own.save([{ id: '1', v: 1 }, { id: '2' }, { id: '3' }]);
  const refuse = () => Promise.reject(new Error('not in this test'));
  // Who calls is the subject of other tests: here the key names its tenant.
  const asTenant = async ({ headers }: { headers: { authorization?: string | undefined } }) =>
    headers.authorization === 'other' ? other.scope : own.scope;
  recordRoutes(
    createServe(
      app,
      createAdmit({
        public: async () => undefined,
        apiKey: asTenant,
        accountKey: refuse,
        connectSession: refuse,
        connectSessionOrExpired: refuse,
        connectSessionOrApiKey: refuse,
        connectSessionInQuery: refuse,
        member: async (request) => ({ ...(await asTenant(request)), member: { id: 1, email: 'a@b.c', name: 'Ada' } }),
      }),
    ),
    own.world,
  );
});
afterAll(() => app.close());

async function call(url: string, { method = 'GET', body, as = 'own', connection = own.tenant.connectionId }: Call = {}) {
  const headers = { authorization: as, 'connection-id': connection, 'provider-config-key': 'crm' };
  const answer = await app.inject({ method, url, headers, ...(body ? { payload: body } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}
type Call = { method?: 'GET' | 'PATCH'; body?: object; as?: 'own' | 'other'; connection?: string };

test('a page is JSON with each record once and the cursor of the next page', async () => {
  const { status, body } = await call('/records/?model=Contact&limit=2');
  expect(status).toBe(200);
  expect(body.records).toMatchObject([{ id: '1', v: 1, _nango_metadata: { last_action: 'ADDED' } }, { id: '2' }]);
  const rest = await call(`/records?model=Contact&cursor=${encodeURIComponent(body.next_cursor)}&filter=ADDED,deleted&variant=base`);
  expect(rest.body).toMatchObject({ records: [{ id: '3' }], next_cursor: null });
  const both = await call('/records?model=Contact&ids=3&ids=1&modified_after=2126-01-01T00:00:00Z');
  expect(both.body).toEqual({ records: [], next_cursor: null });
});

test('an unknown model is an empty page, a foreign connection unknown, a cursor of other making refused', async () => {
  expect((await call('/records?model=Nothing')).body).toEqual({ records: [], next_cursor: null });
  expect(await call('/records?model=Contact', { as: 'other' })).toMatchObject({
    status: 400,
    body: { error: { code: 'unknown_connection' } },
  });
  for (const url of ['/records?model=Contact&cursor=garbage', '/records?model=Nothing&cursor=garbage'])
    expect(await call(url)).toMatchObject({ status: 400, body: { error: { code: 'invalid_cursor' } } });
});

test.each([
  '',
  'model=Contact&limit=0',
  'model=Contact&limit=1.5',
  'model=Contact&filter=gone',
  'model=Contact&modified_after=yesterday',
  'model=Contact&x=1',
])('refuses the query "%s"', async (query) => {
  expect(await call(`/records?${query}`)).toMatchObject({ status: 400, body: { error: { code: 'invalid_query_params' } } });
});

test('pruning answers how many and whether there are more', async () => {
  const { records } = (await call('/records?model=Contact')).body;
  const until_cursor = records[1]._nango_metadata.cursor;
  const prune = (body: object, as?: 'other') =>
    call('/records/prune', { method: 'PATCH', body: { model: 'Contact', ...body }, ...(as ? { as } : {}) });
  expect((await prune({ until_cursor, limit: 1 })).body).toEqual({ count: 1, has_more: true });
  expect((await prune({ until_cursor })).body).toEqual({ count: 1, has_more: false });
  expect((await call('/records?model=Contact&ids=1')).body.records[0]).toEqual({
    id: '1',
    _nango_metadata: expect.objectContaining({ pruned_at: expect.any(String) }),
  });
  expect(await prune({ until_cursor: 'x' })).toMatchObject({ status: 400, body: { error: { code: 'invalid_cursor' } } });
  expect(await prune({ until_cursor }, 'other')).toMatchObject({ status: 400 });
});

test('the models of a connection, for the dashboard', async () => {
  const { body } = await call(`/api/connections/${own.tenant.connectionId}/models?provider_config_key=crm`);
  expect(body).toEqual({ models: [{ model: 'Contact', variant: 'base', count: 3, last_change_at: expect.any(String) }] });
});

test.each(['T', ' '])(
  'a cursor kept from the system that we replace, its time written with "%s", reads on from its moment',
  async (between) => {
    const stream = await TestStream.open(db);
    await stream.save([{ id: 'old' }]);
    const [old] = (await stream.list()).records;
    await run(db, sql`select pg_sleep(0.002)`); // its moment has milliseconds
    await stream.save([{ id: 'new' }, { id: 'newer' }]);
    const [, fresh] = (await stream.list()).records;
    const kept = (moment: string | null = '') =>
      Buffer.from(`${moment?.replace('T', between)}||0b0f9c9e-7a55-5e4f-8a57-3f8f2f3f9a11`).toString('base64');
    expect(await stream.actions({ cursor: kept(fresh?._nango_metadata.last_modified_at) })).toEqual(['new ADDED', 'newer ADDED']);
    expect(await stream.actions({ cursor: kept(old?._nango_metadata.first_seen_at) })).toHaveLength(3);
    expect(await stream.actions({ cursor: kept('2126-01-01T00:00:00.000001+00') })).toEqual([]);
  },
);

test.each(['', 'x', '1:', '1:-1', '2:5', '2026-13-45T99:00:00||x', '20260101', '{"a":1}'])(
  'what was never a cursor, such as base64 of "%s", is refused',
  async (text) => {
    const cursor = Buffer.from(text).toString('base64') || '=';
    for (const model of ['Contact', 'Nothing'])
      expect(await call(`/records?model=${model}&cursor=${encodeURIComponent(cursor)}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_cursor' } },
      });
  },
);
