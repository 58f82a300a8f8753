import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { grant, readConnection, refuse, scriptTokens, stateOf, tokenOf, told } from './refresh-world.ts';

const MINUTE = 60_000;
let upstream: Upstream;
let first: Platform;
let second: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const allow = [`127.0.0.1:${upstream.port}`];
  first = await startPlatform({ worker: false, allow });
  second = await startPlatform({ worker: false, allow, database: first.database });
  await createIntegrations(first, upstream.url);
});

/** Answers once the test says so. */
function held() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const requests = scriptTokens(upstream, async (request, response) => {
    await released;
    grant(request, response);
  });
  return { requests, release };
}

const soon = (token: string) => oauthCredentials(token, 5 * MINUTE);

test('a lone caller shortly before the end gets the renewed token', async () => {
  await importConnection(first, 'lone', soon('old'));
  const requests = scriptTokens(upstream);
  expect(tokenOf(await readConnection(first, 'lone'))).toBe('access 0');
  expect(requests()).toHaveLength(1);
});

test('while one refreshes, callers with a token that is still good get it without waiting, here and in other processes', async () => {
  await importConnection(first, 'good', soon('old'));
  const { requests, release } = held();
  const leader = readConnection(first, 'good');
  await eventually(async () => requests().length === 1, 'the provider is asked');
  for (const platform of [first, second, first, second]) expect(tokenOf(await readConnection(platform, 'good'))).toBe('old');
  release();
  expect(tokenOf(await leader)).toBe('access 0');
  expect(tokenOf(await readConnection(second, 'good'))).toBe('access 0');
  expect(requests()).toHaveLength(1);
});

test('callers whose token has expired wait for the one who refreshes, wherever that is', async () => {
  await importConnection(first, 'expired', oauthCredentials('old'));
  const { requests, release } = held();
  const answers = [first, second, first, second].map((platform) => readConnection(platform, 'expired'));
  await eventually(async () => requests().length === 1, 'the provider is asked');
  release();
  expect((await Promise.all(answers)).map(tokenOf)).toEqual(['access 0', 'access 0', 'access 0', 'access 0']);
  expect(requests()).toHaveLength(1);
});

test('who forces while a refresh runs takes its result', async () => {
  await importConnection(first, 'forced', oauthCredentials('old'));
  const { requests, release } = held();
  const plain = readConnection(first, 'forced');
  await eventually(async () => requests().length === 1, 'the provider is asked');
  const forced = [first, second].map((platform) => readConnection(platform, 'forced', '&force_refresh=true'));
  await new Promise((resolve) => setTimeout(resolve, 300));
  release();
  expect((await Promise.all([plain, ...forced])).map(tokenOf)).toEqual(['access 0', 'access 0', 'access 0']);
  expect(requests()).toHaveLength(1);
});

test('who forces is not bound by what was decided for others: a wait after a failure', async () => {
  await importConnection(first, 'bound', oauthCredentials('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  await readConnection(first, 'bound');
  scriptTokens(upstream);
  const [plain, forced] = await Promise.all([readConnection(first, 'bound'), readConnection(first, 'bound', '&force_refresh=true')]);
  expect([200, 424]).toContain(plain?.status);
  expect(forced && tokenOf(forced)).toBe('access 0');
});

test.each([
  ['a provider that is down', 'server_error', 503],
  ['too many requests', 'rate_limited', 429],
])('%s is not told to who has a good token, and marks nothing', async (what, error, status) => {
  const id = `quiet-${status}`;
  await importConnection(first, id, soon('old'));
  const requests = scriptTokens(upstream, refuse(error, status));
  for (let call = 0; call < 3; call++) expect(tokenOf(await readConnection(first, id)), what).toBe('old');
  expect(requests()).toHaveLength(1);
  expect((await readConnection(first, id)).body.errors).toEqual([]);
  expect(await told(first, id)).toEqual([]);
  expect(await stateOf(first, id)).toMatchObject({ days: 0, failures: 1 });
});

test('a withdrawn permission is told at once, although the token has not expired yet', async () => {
  await importConnection(first, 'withdrawn', soon('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  expect((await readConnection(first, 'withdrawn')).status).toBe(400);
  expect(await told(first, 'withdrawn')).toEqual(['failed']);
});

test('a token that expired with nothing to renew it is handed out, and the connection says so once', async () => {
  await importConnection(first, 'final', {
    provider_config_key: 'oauth',
    credentials: { type: 'OAUTH2', access_token: 'only', expires_at: new Date(0).toISOString() },
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => readConnection(first, 'final')));
  expect(answers.map(tokenOf)).toEqual(Array(5).fill('only'));
  const marked = await eventually(async () => {
    const { body } = await readConnection(first, 'final');
    return body.errors.length > 0 && body;
  }, 'the connection is marked');
  expect(marked).toMatchObject({ credentials: { access_token: 'only' }, errors: [{ type: 'auth', log_id: expect.any(String) }] });
  expect((await stateOf(first, 'final')).error).toContain('expired');
  expect(await told(first, 'final')).toEqual([]);
  await importConnection(first, 'final', soon('new'));
  scriptTokens(upstream);
  expect((await readConnection(first, 'final')).body.errors).toEqual([]);
});

test('what somebody wrote into the configuration while the provider was asked is kept', async () => {
  await importConnection(first, 'written', { ...oauthCredentials('old'), connection_config: { kept: 'before' } });
  const { requests, release } = held();
  const reading = readConnection(first, 'written');
  await eventually(async () => requests().length === 1, 'the provider is asked');
  await run(
    first.world.db,
    sql`update connections set connection_config = connection_config || '{"kept":"after","more":"1"}' where connection_id = 'written'`,
  );
  release();
  expect((await reading).body.connection_config).toMatchObject({ kept: 'after', more: '1' });
});
