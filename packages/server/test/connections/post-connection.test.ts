/** What a provider tells after a connection was made, and what it is told before one ends: on the whole platform. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployOnEvents } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
let providers: string[];

beforeAll(async () => {
  upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  providers = [folder];
  for (const name of ['attio', 'hubspot', 'slack', 'bullhorn'])
    writeFileSync(
      join(folder, `own-${name}.yaml`),
      `extends: ${name}\ntoken_url: ${upstream.url}/token\nproxy: { base_url: "${upstream.url}" }\n`,
    );
  writeFileSync(
    join(folder, 'own-sharepoint.yaml'),
    `extends: sharepoint-online\ntoken_url: ${upstream.url}/token\nproxy: { base_url: "${upstream.url}", headers: { x-sp: "\${connectionConfig.host}" } }\nconnection_config: { host: { type: string, title: Host, description: Host, optional: true } }\n`,
  );
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers });
  for (const provider of ['own-attio', 'own-hubspot', 'own-slack', 'own-bullhorn', 'own-sharepoint']) {
    const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: '' };
    const answer = await platform.call('POST', '/integrations', { unique_key: provider, provider, credentials });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
});

async function imported(provider: string, id: string, more: object = {}, at = platform): Promise<void> {
  const answer = await at.call('POST', '/connections', {
    provider_config_key: provider,
    connection_id: id,
    credentials: { type: 'OAUTH2', access_token: `token of ${id}`, refresh_token: 'r-1' },
    ...more,
  });
  expect(answer.status).toBe(201);
}
const read = async (provider: string, id: string): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${provider}`)).body;
const operations = async (connection: string, action: string): Promise<Json[]> => {
  const as = await platform.member();
  const { body } = await as('GET', `/logs/operations?connection=${connection}`);
  return body.operations.filter((one: Json) => one.action === action);
};

describe('after a connection was made', () => {
  test('what the provider tells joins the configuration, beside what others write at the same time', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.on('/v2/self', async (_request, response) => {
      await released;
      json(response, { workspace_id: 'w-1' });
    });
    await imported('own-attio', 'asked', { connection_config: { given: 'yes' } });
    await eventually(async () => upstream.received('/v2/self').length > 0, 'the provider is asked');
    const { db } = platform.world;
    const { sql } = await import('kysely');
    await sql`update connections set connection_config = connection_config || '{"meanwhile": 1}' where connection_id = 'asked'`.execute(db);
    release();
    const found = await eventually(async () => {
      const { connection_config } = await read('own-attio', 'asked');
      return connection_config.workspace_id && connection_config;
    }, 'the workspace is known');
    expect(found).toEqual({ given: 'yes', meanwhile: 1, workspace_id: 'w-1' });
    expect(upstream.received('/v2/self')[0]?.headers.authorization).toBe('Bearer token of asked');
    const [operation] = await eventually(async () => {
      const all = await operations('asked', 'post_connection');
      return all[0]?.state === 'success' && all;
    }, 'it is in the activity log');
    expect(operation).toMatchObject({ type: 'auth' });
  });

  test('who hears of the connection finds it complete, and a provider that fails harms nothing and is asked again', async () => {
    upstream.on('/v2/self', ({ index }, response) => (index < 2 ? json(response, {}, 503) : json(response, { workspace_id: 'w-2' })));
    upstream.on('/seen', (_request, response) => json(response, {}));
    const exec = `const { connection_config } = await nango.getConnection();
      await nango.get({ endpoint: '/seen', params: { workspace: connection_config.workspace_id ?? 'unknown' } });`;
    await deployOnEvents(platform, [{ name: 'greet', event: 'post-connection-creation', integration: 'own-attio', exec }]);
    await imported('own-attio', 'later'); // the second request to this path: 503
    const [first] = await eventually(async () => {
      const all = upstream.received('/seen');
      return all.length > 0 && all;
    }, 'the function ran although the provider failed');
    expect(first?.url).toBe('/seen?workspace=unknown');
    expect(await read('own-attio', 'later')).toMatchObject({ connection_id: 'later' });
    const found = await eventually(async () => (await read('own-attio', 'later')).connection_config.workspace_id, 'it was asked again');
    expect(found).toBe('w-2');
    await imported('own-attio', 'complete');
    const second = await eventually(async () => upstream.received('/seen')[1], 'the function of the next connection');
    expect(second?.url).toBe('/seen?workspace=w-2');
  });

  test('what was only needed to connect is taken out', async () => {
    await imported('own-bullhorn', 'forgets', { connection_config: { username: 'u', password: 'p', restUrl: upstream.url } });
    await eventually(async () => !('password' in (await read('own-bullhorn', 'forgets')).connection_config), 'the password is gone');
    expect((await read('own-bullhorn', 'forgets')).connection_config).toEqual({ restUrl: upstream.url });
  });

  test('the process may die in between: another asks, and tells of the connection once', async () => {
    const quiet = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers, worker: false });
    const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: '' };
    await quiet.call('POST', '/integrations', { unique_key: 'own-attio', provider: 'own-attio', credentials });
    await imported('own-attio', 'orphan', {}, quiet);
    const { database } = quiet;
    const heir = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers, database });
    const { body } = await eventually(async () => {
      const answer = await heir.call('GET', '/connections/orphan?provider_config_key=own-attio');
      return answer.body.connection_config.workspace_id && answer;
    }, 'the other process asked');
    expect(body.connection_config).toEqual({ workspace_id: 'w-2' });
    const { sql } = await import('kysely');
    const told = await sql`select 1 from events where type = 'connection.saved'`.execute(heir.world.db);
    expect(told.rows).toHaveLength(1);
  });
});

describe('before a connection is deleted', () => {
  test('its token is revoked, and a refusal holds nothing up', async () => {
    upstream.on('/account-info/v3/details', (_request, response) => json(response, { portalId: 7 }));
    upstream.on('/oauth/2026-03/token/revoke', ({ index }, response) => json(response, {}, index === 0 ? 200 : 500));
    for (const id of ['revoked', 'refused']) {
      await imported('own-hubspot', id);
      await eventually(async () => (await read('own-hubspot', id)).connection_config.portalId === 7, 'it was asked');
      expect(await platform.call('DELETE', `/connections/${id}?provider_config_key=own-hubspot`)).toMatchObject({
        body: { success: true },
      });
      expect((await platform.call('GET', `/connections/${id}?provider_config_key=own-hubspot`)).status).toBe(404);
    }
    const revocations = upstream.received('/oauth/2026-03/token/revoke');
    expect(revocations).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(revocations[0]?.body.toString()))).toMatchObject({ token: 'r-1' });
    const [failed] = await eventually(async () => {
      const all = await operations('refused', 'pre_connection_deletion');
      return all[0]?.state === 'failed' && all;
    }, 'the refusal is in the activity log');
    expect(failed?.error).toContain('500');
  });

  test('also when its integration is deleted', async () => {
    const before = upstream.received('/oauth/2026-03/token/revoke').length;
    await imported('own-hubspot', 'last-1');
    await imported('own-hubspot', 'last-2');
    expect(await platform.call('DELETE', '/integrations/own-hubspot')).toMatchObject({ status: 200 });
    expect(upstream.received('/oauth/2026-03/token/revoke').length).toBe(before + 2);
  });
});

describe('a second token', () => {
  const raw = { sharepointAccessToken: { access_token: 'sp-1', refresh_token: 'sp-r', host: 'acme.sharepoint.com' } };
  test('is in the configuration for those who may read credentials, and stays sealed for others', async () => {
    const credentials = { type: 'OAUTH2', access_token: 'a-1', refresh_token: 'r-1', raw: {} };
    const answer = await platform.call('POST', '/connection', {
      provider_config_key: 'own-sharepoint',
      connection_id: 'sp',
      access_token: credentials.access_token,
      refresh_token: 'r-1',
      no_expiration: true,
      raw,
    });
    expect(answer.status).toBe(201);
    expect((await read('own-sharepoint', 'sp')).connection_config.sharepointAccessToken).toEqual({
      access_token: 'sp-1',
      host: 'acme.sharepoint.com',
    });
    const withRefresh = await platform.call('GET', '/connections/sp?provider_config_key=own-sharepoint&refresh_token=true');
    expect(withRefresh.body.connection_config.sharepointAccessToken).toEqual(raw.sharepointAccessToken);
    const key = await platform.keyOf('dev', ['environment:connections:read']);
    const poor = await platform.call('GET', '/connections/sp?provider_config_key=own-sharepoint', undefined, {
      authorization: `Bearer ${key}`,
    });
    expect(poor.status).toBe(200);
    expect(JSON.stringify(poor.body)).not.toContain('sp-1');
    const { sql } = await import('kysely');
    const stored = await sql<{ config: unknown }>`select connection_config as config from connections where connection_id = 'sp'`.execute(
      platform.world.db,
    );
    expect(JSON.stringify(stored.rows)).not.toContain('sp-');
  });
});
