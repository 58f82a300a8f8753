import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, one, run } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { readConnection, refuse, scriptTokens, stateOf } from '../connections/refresh-world.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { comeBack, openPopup, type Page } from './browser.ts';

const KEY = 'teams';
let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const provider = join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'teams.yaml');
  writeFileSync(
    provider,
    `display_name: Teams
categories: [other]
docs: https://example.test
auth_mode: OAUTH2
authorization_url: ${upstream.url}/authorize
token_url: ${upstream.url}/token
token_response_metadata: [region]
account: token.team.id
connection_config:
  subdomain: { type: string, title: Subdomain, description: Of the team, optional: true }
proxy: { base_url: ${upstream.url} }
`,
  );
  const lookedUp = join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'own-attio.yaml');
  const urls = `authorization_url: ${upstream.url}/authorize\ntoken_url: ${upstream.url}/token\nproxy: { base_url: "${upstream.url}" }`;
  writeFileSync(lookedUp, `extends: attio\n${urls}\n`);
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: [provider, lookedUp], worker: false });
  await createIntegrations(platform, upstream.url);
  const credentials = { type: 'OAUTH2', client_id: 'c', client_secret: 's', scopes: 'read' };
  expect((await platform.call('POST', '/integrations', { unique_key: KEY, provider: 'teams', credentials })).status).toBe(200);
  await platform.call('POST', '/integrations', { unique_key: 'own-attio', provider: 'own-attio', credentials });
});

/** The provider's next sign-ins are of this team. */
function signInAs(team: string | undefined, region = 'eu'): void {
  upstream.on('/token', (_request, response) =>
    json(response, { access_token: `of ${team}`, refresh_token: 'r', expires_in: 3600, region, ...(team && { team: { id: team } }) }),
  );
}

const sessionOf = async (path: string, body: object): Promise<string> => {
  const answer = await platform.call('POST', path, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.data.token;
};
const reconnecting = (id: string, more: object = {}) =>
  sessionOf('/connect/sessions/reconnect', { connection_id: id, integration_id: KEY, ...more });

async function signIn(token: string, params: Record<string, string> = {}): Promise<Page> {
  const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [`params[${name}]`, value]));
  const popup = await openPopup(platform, KEY, { connect_session_token: token, ...given });
  return comeBack(platform, { code: 'c', state: popup.location?.searchParams.get('state') ?? '' }, popup.cookie);
}

async function connect(team: string | undefined, params: Record<string, string> = {}, session: object = {}): Promise<string> {
  signInAs(team);
  await signIn(await sessionOf('/connect/sessions', { end_user: { id: 'u-1' }, ...session }), params);
  const [newest] = (await platform.call('GET', `/connections?integrationId=${KEY}&limit=1`)).body.connections;
  return newest.connection_id;
}

const read = async (id: string): Promise<Json> => (await readConnection(platform, id, '', KEY)).body;
const failuresOf = (id: string) =>
  many<{ payload: Json }>(
    platform.world.db,
    sql`select payload from events where type = 'connection.save_failed' and payload -> 'connection' ->> 'connectionId' = ${id}`,
  );

test('a reconnect keeps id, dates, metadata, tags, end user, webhook address and whatever hangs on the row', async () => {
  const address = 'https://app.example.test/hook';
  const id = await connect('one', {}, { tags: { plan: 'pro' }, webhook_url_override: address });
  await platform.call('POST', '/connections/metadata', { provider_config_key: KEY, connection_id: id, metadata: { field: 'x' } });
  const before = await read(id);
  const rows = () => one(platform.world.db, sql`select count(*)::int as connections, max(id) as newest from connections`);
  const counted = await rows();
  signInAs('one');
  await signIn(await reconnecting(id));
  const { updated_at: _before, credentials: _old, last_fetched_at: _first, ...kept } = before;
  const { updated_at: _after, credentials, last_fetched_at: _last, ...after } = await read(id);
  expect(after).toEqual(kept);
  expect(after).toMatchObject({ metadata: { field: 'x' }, tags: { plan: 'pro', end_user_id: 'u-1' }, webhook_url_override: address });
  expect(credentials.access_token).toBe('of one');
  expect(await rows()).toEqual(counted);
});

test('a reconnect keeps what was written into the configuration later, and takes anew what the provider tells', async () => {
  const id = await connect('one', { subdomain: 'acme' });
  expect((await read(id)).connection_config).toEqual({ subdomain: 'acme', region: 'eu' });
  await run(
    platform.world.db,
    sql`update connections set connection_config = connection_config || '{"webhookId":"w-1"}' where connection_id = ${id}`,
  );
  signInAs('one', 'us');
  await signIn(await reconnecting(id));
  expect((await read(id)).connection_config).toEqual({ subdomain: 'acme', region: 'us', webhookId: 'w-1' });
  await signIn(await reconnecting(id), { subdomain: 'moved' });
  expect((await read(id)).connection_config).toEqual({ subdomain: 'moved', region: 'us', webhookId: 'w-1' });
});

test('a reconnect clears what failures left: the connection is used and refreshed as if new', async () => {
  const id = await connect('one');
  scriptTokens(upstream, refuse('invalid_grant'));
  await readConnection(platform, id, '&force_refresh=true', KEY);
  await run(platform.world.db, sql`update connections set refresh_failed_days = 4 where connection_id = ${id}`);
  expect((await read(id)).errors).toHaveLength(1);
  signInAs('one');
  await signIn(await reconnecting(id));
  expect(await read(id)).toMatchObject({ errors: [], credentials: { access_token: 'of one' } });
  expect(await stateOf(platform, id)).toEqual({
    ...{ failure: null, failures: 0, days: 0, error: null, retryAt: null, unansweredSince: null, leasedUntil: null },
  });
});

test('where the same account is required, another one is refused and the connection stays as it was', async () => {
  const id = await connect('one');
  const before = await stateAndConfig(id);
  signInAs('two', 'us');
  const page = await signIn(await reconnecting(id, { require_same_account: true }));
  expect(page.html).toContain('another account');
  expect(await stateAndConfig(id)).toEqual(before);
  expect((await read(id)).credentials.access_token).toBe('of one');
  expect(await failuresOf(id)).toMatchObject([
    { payload: { error: { type: 'different_account', description: expect.stringMatching(/same account/) } } },
  ]);

  signInAs(undefined);
  expect((await signIn(await reconnecting(id, { require_same_account: true }))).html).toContain('did not say');
  expect(await stateAndConfig(id)).toEqual(before);

  signInAs('one', 'us');
  await signIn(await reconnecting(id, { require_same_account: true }));
  expect((await read(id)).connection_config.region).toBe('us');
});

test('where only a look-up tells whose account it is, the provider is asked before anything is saved', async () => {
  const workspace = (id: string) => upstream.on('/v2/self', (_request, response) => json(response, { workspace_id: id }));
  const inAttio = async (id: string) => {
    const session = await sessionOf('/connect/sessions/reconnect', {
      ...{ connection_id: id, integration_id: 'own-attio', require_same_account: true },
    });
    const popup = await openPopup(platform, 'own-attio', { connect_session_token: session });
    return comeBack(platform, { code: 'c', state: popup.location?.searchParams.get('state') ?? '' }, popup.cookie);
  };
  signInAs(undefined);
  await importConnection(platform, 'looked-up', {
    provider_config_key: 'own-attio',
    credentials: { type: 'OAUTH2', access_token: 'old', refresh_token: 'r' },
  });
  await run(platform.world.db, sql`update connections set account_id = 'w-1' where connection_id = 'looked-up'`);
  workspace('w-2');
  expect((await inAttio('looked-up')).html).toContain('another account');
  upstream.on('/v2/self', (_request, response) => json(response, {}, 500));
  expect((await inAttio('looked-up')).html).toContain('did not say');
  const stored = () => readConnection(platform, 'looked-up', '', 'own-attio');
  expect((await stored()).body.credentials.access_token).toBe('old');
  workspace('w-1');
  await inAttio('looked-up');
  expect((await stored()).body.credentials.access_token).toBe('of undefined');
});

test('without the requirement another account may take over, and is the one that counts from then on', async () => {
  const id = await connect('one');
  signInAs('two');
  await signIn(await reconnecting(id));
  expect((await read(id)).credentials.access_token).toBe('of two');
  signInAs('one');
  expect((await signIn(await reconnecting(id, { require_same_account: true }))).html).toContain('another account');
});

test('a connection whose account nobody told cannot be guarded, which is said before anyone signs in', async () => {
  await importConnection(platform, 'keyed');
  const body = { connection_id: 'keyed', integration_id: 'key', require_same_account: true };
  expect(await platform.call('POST', '/connect/sessions/reconnect', body)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_body', errors: [{ path: ['require_same_account'] }] } },
  });
  expect((await platform.call('POST', '/connect/sessions/reconnect', { ...body, require_same_account: false })).status).toBe(201);
});

async function stateAndConfig(id: string) {
  return one(
    platform.world.db,
    sql`select credentials_sealed, connection_config, account_id, refresh_fence, errors, updated_at from connections where connection_id = ${id}`,
  );
}
