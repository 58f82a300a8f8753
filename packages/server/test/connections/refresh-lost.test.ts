import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KyselyPlugin, sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { findWithIntegration } from '../../src/connections/find.ts';
import { openAccess } from '../../src/connections/open.ts';
import { refreshConnection } from '../../src/connections/refresh.ts';
import { sealSecrets } from '../../src/connections/secrets.ts';
import type { Oauth2Credentials } from '../../src/credentials/credentials.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { grant, hangUp, inTurn, readConnection, refreshTokenOf, refuse, scriptTokens, stateOf, tokenOf, told } from './refresh-world.ts';

const twoTokens = (url: string) => `display_name: Two tokens
categories: [communication]
auth_mode: OAUTH2
quirk: slack
authorization_url: ${url}/authorize
token_url: ${url}/token
proxy:
  base_url: ${url}
docs: https://docs.example.test
`;

let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const providers = await mkdtemp(join(tmpdir(), 'bowline-providers-'));
  await writeFile(join(providers, 'two-tokens.yaml'), twoTokens(upstream.url));
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`], providers: [providers] });
  await createIntegrations(platform, upstream.url);
  const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret' };
  await platform.call('POST', '/integrations', { unique_key: 'bot', provider: 'two-tokens', credentials });
});

test('a lost answer is asked for again at once with the same refresh token, and nobody hears of it', async () => {
  await importConnection(platform, 'lost', oauthCredentials('old'));
  const requests = scriptTokens(upstream, inTurn(hangUp, hangUp, grant));
  expect(tokenOf(await readConnection(platform, 'lost'))).toBe('access 2');
  expect(requests().map(refreshTokenOf)).toEqual(['refresh of old', 'refresh of old', 'refresh of old']);
  expect(await told(platform, 'lost')).toEqual([]);
  expect(await stateOf(platform, 'lost')).toMatchObject({ failure: null, error: null, unansweredSince: null });
});

test('an answer cut off in its middle is a lost one', async () => {
  await importConnection(platform, 'cut', oauthCredentials('old'));
  scriptTokens(
    upstream,
    inTurn((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"access_token":', () => response.destroy());
    }, grant),
  );
  expect(tokenOf(await readConnection(platform, 'cut'))).toBe('access 1');
});

test('a refusal right after a lost answer says so, since only then it may be the answer that took the token', async () => {
  await importConnection(platform, 'rotated', oauthCredentials('old'));
  scriptTokens(upstream, inTurn(hangUp, refuse('invalid_grant')));
  const { body } = await readConnection(platform, 'rotated');
  expect(body.error.message).toMatch(/invalid_grant.*answer to an earlier refresh.*was lost/);

  await importConnection(platform, 'plain', oauthCredentials('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  expect((await readConnection(platform, 'plain')).body.error.message).not.toContain('was lost');
});

test('an answer that stays lost leaves its note, is tried again within seconds, and the note goes with the first success', async () => {
  await importConnection(platform, 'gone', oauthCredentials('old'));
  const requests = scriptTokens(upstream, inTurn(hangUp, hangUp, hangUp, grant));
  const failed = await readConnection(platform, 'gone');
  expect(failed.status).toBe(400);
  const state = await stateOf(platform, 'gone');
  expect(state).toMatchObject({ failure: 'transient', failures: 1, days: 0 });
  expect(state.unansweredSince).not.toBeNull();
  platform.advance(6_000);
  expect(tokenOf(await readConnection(platform, 'gone'))).toBe('access 3');
  expect(new Set(requests().map(refreshTokenOf))).toEqual(new Set(['refresh of old']));
  expect(await stateOf(platform, 'gone')).toMatchObject({ failure: null, failures: 0, unansweredSince: null });
  expect(await told(platform, 'gone')).toEqual(['failed', 'recovered']);
});

test('what a gateway answers for the provider leaves the note as well, and is not asked again at once', async () => {
  await importConnection(platform, 'gateway', oauthCredentials('old'));
  const requests = scriptTokens(upstream, refuse('bad gateway', 502));
  expect((await readConnection(platform, 'gateway')).status).toBe(400);
  expect(requests()).toHaveLength(1);
  const state = await stateOf(platform, 'gateway');
  expect(state.failure).toBe('provider_down');
  expect(state.unansweredSince).not.toBeNull();
});

test('a holder that is gone has no lease: the next one asks with the old token, and tells what it does not know', async () => {
  await importConnection(platform, 'orphan', oauthCredentials('old'));
  // As a process leaves it that was killed while it asked: no other session holds the lock of that number.
  await run(
    platform.world.db,
    sql`update connections set refresh_fence = refresh_fence + 1, refresh_leased_until = now() + interval '90 seconds',
               refresh_holder = 12345, refresh_unanswered_since = now() where connection_id = 'orphan'`,
  );
  const requests = scriptTokens(upstream, refuse('invalid_grant'));
  const startedAt = performance.now();
  const { body } = await readConnection(platform, 'orphan');
  expect(performance.now() - startedAt).toBeLessThan(60_000); // the lease had 90 s to go
  expect(requests()).toHaveLength(1);
  expect(body.error.message).toContain('was lost');
});

test('an error of ours gives the lease back, so that the next caller need not wait for it to lapse', async () => {
  await importConnection(platform, 'ours', oauthCredentials('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  const scope = await platform.scopeOf('dev');
  const target = await findWithIntegration(platform.world, scope, { connectionId: 'ours', providerConfigKey: 'oauth' });
  const bus = { ...platform.world.bus, publish: () => Promise.reject(new Error('the database went away')) };
  const wanted = { ...target, access: await openAccess(platform.world, target), force: false, usable: false };
  await expect(refreshConnection({ ...platform.world, bus }, scope, wanted)).rejects.toThrow('went away');
  expect((await stateOf(platform, 'ours')).leasedUntil).toBeNull();
  scriptTokens(upstream);
  expect(tokenOf(await readConnection(platform, 'ours'))).toBe('access 0');
});

test('of a process that died between two requests the next one takes over what it had kept', async () => {
  await connectBot('between');
  scriptTokens(upstream, inTurn(bot('bot 1'), stall));
  const abandoned = readBot('between').catch(() => undefined);
  await expect.poll(async () => (await storedBot('between')).refresh_token, { timeout: 20_000 }).toBe('bot 1');
  // As a killed process leaves it: the lease is held, and no session holds the lock of its holder.
  await run(platform.world.db, sql`update connections set refresh_holder = 12345 where connection_id = 'between'`);
  const requests = scriptTokens(upstream, inTurn(bot('bot 2'), bot('person 2')));
  const scope = await platform.scopeOf('dev');
  const target = await findWithIntegration(platform.world, scope, { connectionId: 'between', providerConfigKey: 'bot' });
  const other = { ...platform.world, db: platform.world.db.withPlugin(nothing) }; // flights are of a database object: as in another process
  const wanted = { ...target, access: await openAccess(other, target), force: false, usable: false };
  expect(await refreshConnection(other, scope, wanted)).toMatchObject({ as: 'renewed' });
  expect(requests().map(refreshTokenOf)).toEqual(['bot 1', 'refresh of person']);
  await abandoned;
  expect(await storedBot('between')).toMatchObject({ refresh_token: 'bot 2', raw: { authed_user: { refresh_token: 'person 2' } } });
});

const nothing: KyselyPlugin = { transformQuery: ({ node }) => node, transformResult: async ({ result }) => result };

const bot =
  (refreshToken: string): Parameters<Upstream['on']>[1] =>
  (_request, response) =>
    json(response, { ok: true, access_token: `access of ${refreshToken}`, refresh_token: refreshToken, expires_in: 3600 });
const stall: Parameters<Upstream['on']>[1] = (_request, response) => void setTimeout(() => response.destroy(), 8_000).unref();

const readBot = (id: string) => readConnection(platform, id, '&refresh_token=true', 'bot');

async function storedBot(id: string): Promise<Oauth2Credentials> {
  const scope = await platform.scopeOf('dev');
  const target = await findWithIntegration(platform.world, scope, { connectionId: id, providerConfigKey: 'bot' });
  const { credentials } = await openAccess(platform.world, target);
  if (credentials.type !== 'OAUTH2') throw new Error('not a sign-in');
  return credentials;
}

/** A bot's token and a person's, each with its refresh token, as an installation in Slack brings them. */
async function connectBot(id: string): Promise<void> {
  await importConnection(platform, id, { ...oauthCredentials('bot'), provider_config_key: 'bot' });
  const scope = await platform.scopeOf('dev');
  const target = await findWithIntegration(platform.world, scope, { connectionId: id, providerConfigKey: 'bot' });
  const credentials = {
    ...(await storedBot(id)),
    raw: { authed_user: { id: 'U1', access_token: 'p', refresh_token: 'refresh of person' } },
  };
  const sealed = await sealSecrets(platform.world, target.connection, { credentials, config: {} });
  await run(platform.world.db, sql`update connections set credentials_sealed = ${sealed} where id = ${target.connection.id}`);
}
