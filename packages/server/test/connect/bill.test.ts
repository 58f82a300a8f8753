/** Auth mode BILL: the sign-in of BILL's API. */
import { beforeAll, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { jsonOf, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
const login = { username: 'ada@example.test', password: 'the password', organization_id: '008', dev_key: 'developer-key' };
let session = '';
let down = false;
beforeAll(async () => {
  vendors = await startVendors({ bill: 'extends: bill\ntoken_url: API/connect/v3/login\nproxy: { base_url: API/connect }\n' });
  vendors.upstream.on('/connect/v3/login', (request, response) => {
    const asked = jsonOf(request);
    if (down) return json(response, {}, 503);
    if (asked.password !== login.password || asked.devKey !== login.dev_key) {
      return json(response, [{ code: 'BDC_1109', severity: 'ERROR', message: `Invalid login: ${asked.password}` }], 401);
    }
    expect(asked).toEqual({
      username: login.username,
      password: login.password,
      organizationId: login.organization_id,
      devKey: login.dev_key,
    });
    session = `session-${request.index}`;
    json(response, { sessionId: session, organizationId: login.organization_id, userId: '006', apiEndPoint: 'https://x.test' });
  });
  vendors.upstream.on('/connect/v3/bills', ({ headers }, response) => {
    json(response, { results: [] }, headers.devkey === login.dev_key && headers.sessionid === session ? 200 : 401);
  });
});

test('a session lasts 35 minutes, then the next call signs in again', async () => {
  const connection = await vendors.connected('BILL', 'bill', login);
  expect((await vendors.call('bill', connection, '/v3/bills')).status).toBe(200);
  const before = session;
  const { credentials } = (await vendors.read('bill', connection)).body;
  expect(credentials).toMatchObject({
    type: 'BILL',
    session_id: before,
    user_id: '006',
    organization_id: login.organization_id,
    dev_key: login.dev_key,
  });
  vendors.platform.advance(36 * 60_000);
  expect((await vendors.call('bill', connection, '/v3/bills')).status).toBe(200);
  expect(session).not.toBe(before);
});

test('a wrong password is answered at once, and is not repeated although BILL does', async () => {
  const answer = await vendors.connect('BILL', 'bill', { ...login, password: 'the wrong one' });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
  expect(answer.body.error.message).toContain('Invalid login: [removed]');
});

test('a sign-in that fails for a moment leaves the connection as it was', async () => {
  const connection = await vendors.connected('BILL', 'bill', login);
  down = true;
  const failed = await vendors.read('bill', connection, true);
  expect(failed.body.error.code).toBe('invalid_credentials');
  expect(JSON.stringify(failed.body)).not.toContain(login.password);
  down = false;
  expect((await vendors.read('bill', connection, true)).body.credentials.session_id).toBe(session);
});
