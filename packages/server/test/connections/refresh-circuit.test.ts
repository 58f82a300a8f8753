import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { grant, hangUp, inTurn, readConnection, refuse, scriptTokens, stateOf, tokenOf, told } from './refresh-world.ts';

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

beforeEach(() => run(first.world.db, sql`delete from refresh_circuits`));

const down = refuse('server_error', 503);
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const circuits = () =>
  many<{ name: string; opened: number; failing: number }>(
    first.world.db,
    sql`select name, opened, cardinality(failing) as failing from refresh_circuits where open_until is not null`,
  );

async function importAll(ids: string[]): Promise<void> {
  for (const id of ids) await importConnection(first, id, oauthCredentials(id));
}

async function openCircuit(prefix: string): Promise<string[]> {
  const ids = names(prefix, 5);
  await importAll(ids);
  scriptTokens(upstream, down);
  for (const id of ids) await readConnection(first, id);
  expect(await circuits()).toMatchObject([{ name: `host 127.0.0.1:${upstream.port}`, opened: 1, failing: 5 }]);
  return ids;
}

test('after five connections in a row nobody asks an endpoint that is down, in any process, and nothing counts against the rest', async () => {
  await openCircuit('out');
  const spared = names('spared', 4);
  await importAll(spared);
  const requests = scriptTokens(upstream, down);
  for (const [index, id] of spared.entries()) {
    const answer = await readConnection(index % 2 ? first : second, id);
    expect(answer).toMatchObject({ status: 424, body: { error: { code: 'invalid_credentials' } } });
    expect(answer.body.error.message).toMatch(/wait until .*Z.*others.*server_error/);
    expect(await stateOf(first, id)).toMatchObject({ days: 0, failures: 0, failure: null });
    expect(await told(first, id)).toEqual([]);
  }
  expect(requests()).toHaveLength(0);
});

test('then one connection tries, the waits grow while it fails, and the first success lets all go on', async () => {
  const ids = await openCircuit('probe');
  const more = names('more', 6);
  await importAll(more);
  const failing = scriptTokens(upstream, down);
  first.advance(31_000);
  await Promise.all(more.slice(0, 3).map((id) => readConnection(first, id)));
  expect(failing()).toHaveLength(1);
  expect(await circuits()).toMatchObject([{ opened: 2 }]);
  first.advance(31_000); // a minute by now
  await readConnection(first, more[3] ?? '');
  expect(failing()).toHaveLength(1);

  const working = scriptTokens(upstream, grant);
  first.advance(31_000);
  const answers = await Promise.all(more.slice(3).map((id) => readConnection(first, id)));
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(await circuits()).toEqual([]);
  first.advance(MINUTE);
  for (const id of [...ids, ...more]) expect((await readConnection(first, id)).status, id).toBe(200);
  expect(working()).toHaveLength(11);
});

test('a success of one in between keeps an endpoint open to all', async () => {
  const ids = names('mixed', 9);
  await importAll(ids);
  scriptTokens(upstream, inTurn(down, down, down, down, grant, down, down, down, down));
  for (const id of ids) await readConnection(first, id);
  expect(await circuits()).toEqual([]);
});

test('refusals and limits are no incident of the endpoint; limits of one client pause that client alone', async () => {
  const refused = names('refused', 6);
  await importAll(refused);
  scriptTokens(upstream, refuse('invalid_grant'));
  for (const id of refused) await readConnection(first, id);
  expect(await circuits()).toEqual([]);

  const limited = names('limited', 6);
  await importAll(limited);
  const requests = scriptTokens(upstream, refuse('rate_limited', 429));
  for (const id of limited) await readConnection(first, id);
  expect(requests()).toHaveLength(5);
  expect(await circuits()).toMatchObject([{ name: expect.stringMatching(/^integration \d+$/) }]);
});

test('answers that stay lost are an incident, too', async () => {
  const ids = names('silent', 6);
  await importAll(ids);
  const requests = scriptTokens(upstream, hangUp);
  await Promise.all(ids.slice(0, 5).map((id) => readConnection(first, id)));
  expect(requests()).toHaveLength(15); // each three times
  expect((await readConnection(first, ids[5] ?? '')).status).toBe(424);
  expect(requests()).toHaveLength(15);
});

test('who forces is a probe, before its time and one at a time', async () => {
  await openCircuit('force');
  await importAll(['forcing']);
  scriptTokens(upstream, grant);
  expect(tokenOf(await readConnection(second, 'forcing', '&force_refresh=true'))).toBe('access 0');
  expect(await circuits()).toEqual([]);
});

test('a long incident exhausts nobody: days count only for who fails alone', async () => {
  const platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`], database: first.database });
  const ids = names('long', 6);
  await importAll(ids);
  scriptTokens(upstream, down);
  for (let hour = 0; hour < 6 * 24; hour += 6) {
    for (const id of ids) await readConnection(platform, id);
    platform.advance(6 * 60 * MINUTE);
  }
  for (const id of ids) expect((await stateOf(platform, id)).days, id).toBe(0);
  scriptTokens(upstream, grant);
  for (const id of ids) expect((await readConnection(platform, id)).status, id).toBe(200);
});
