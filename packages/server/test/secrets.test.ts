import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many } from '../src/base/database.ts';
import { createLog } from '../src/base/log.ts';
import { comeBack, listen, openPopup } from './connect/browser.ts';
import { createIntegrations } from './connections/fixture.ts';
import { deploy } from './functions.ts';
import { eventually, type Platform, startPlatform } from './platform.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

/** Every planted secret begins so, and nothing else does. */
const CANARY = /canary-[a-z0-9-]+/gi;
const log: string[] = [];
const answers: string[] = [];
let upstream: Upstream;
let platform: Platform;
let failing = false;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/token', ({ body }, response) =>
    failing
      ? json(
          response,
          { error: 'invalid_grant', error_description: `refused ${new URLSearchParams(body.toString()).get('refresh_token')}` },
          400,
        )
      : json(response, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 }),
  );
  upstream.on('/echo', ({ headers }, response) => json(response, { seen: headers.authorization ?? headers['x-key'] ?? '' }));
  upstream.on('/broken', ({ headers }, response) => json(response, { error: `no such token ${headers.authorization}` }, 500));
  const collected = createLog('trace', { write: (line) => void log.push(line) });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], log: collected });
  await createIntegrations(platform, upstream.url);
  const client = { type: 'OAUTH2', client_id: 'client-1', client_secret: 'canary-client-secret', webhook_secret: 'canary-hook' };
  await platform.call('PATCH', '/integrations/oauth', { credentials: client });
});

const note = <T>(answer: T): T => {
  answers.push(JSON.stringify(answer));
  return answer;
};
const session = async (): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } })).body.data.token;
const tokens: string[] = [];

test('sign-ins, forms, calls, refreshes and functions run with planted secrets, well and badly', async () => {
  const socket = await listen(platform);
  // OAuth: finished, refused, replayed, with secrets in every place published clients put them
  for (const query of [{ code: 'canary-code' }, { error: 'access_denied' }, { code: 'canary-code-2', iss: 'https://evil.test' }]) {
    const token = await session();
    tokens.push(token);
    const extra = {
      hmac: 'canary-hmac',
      'credentials[oauth_client_secret_override]': 'canary-override',
      'params[token_secret]': 'canary-param',
    };
    const popup = await openPopup(platform, 'oauth', { connect_session_token: token, ws_client_id: socket.clientId, ...extra });
    const state = popup.location?.searchParams.get('state') ?? '';
    tokens.push(state);
    for (const attempt of [1, 2]) note({ attempt, ...(await comeBack(platform, { ...query, state }, popup.cookie)) });
  }
  // forms: taken, refused, with a body of the wrong shape
  const token = await session();
  tokens.push(token);
  const query = `?connect_session_token=${token}&hmac=canary-hmac`;
  note(await platform.call('POST', `/api-auth/api-key/key${query}`, { apiKey: 'canary-api-key' }));
  note(await platform.call('POST', `/api-auth/api-key/key${query}`, { apiKey: { nested: 'canary-nested' } }));
  note(await platform.call('POST', `/api-auth/basic/basic${query}`, { username: 'ann', password: 'canary-password' }));
  note(await platform.call('POST', `/oauth2/auth/key${query}`, { client_id: 'c', client_secret: 'canary-cc' }));
  note(await platform.call('GET', `/oauth/connect/oauth?connect_session_token=canary-token&credentials[token_id]=canary-id`));
  // calls, refreshes that work and fail, functions that log and throw what they should not
  const credentials = { type: 'OAUTH2', access_token: 'canary-a', refresh_token: 'canary-r', expires_at: '2020-01-01T00:00:00Z' };
  for (const id of ['c-1', 'c-2'])
    await platform.call('POST', '/connections', { provider_config_key: 'oauth', connection_id: id, credentials });
  const through = { 'provider-config-key': 'oauth', 'connection-id': 'c-1' };
  await platform.call('GET', '/proxy/echo?api_key=canary-query', undefined, through);
  await platform.call('GET', '/proxy/broken', undefined, through);
  await platform.call('GET', '/proxy/none', undefined, { ...through, 'base-url-override': 'http://u:canary-url@10.0.0.1' });
  failing = true;
  note(await platform.call('GET', '/connections/c-2?provider_config_key=oauth'));
  const exec = `const { credentials } = await nango.getConnection();
    await nango.log('token', credentials); await nango.log('Authorization: Bearer ' + credentials.access_token);
    throw new Error('failed with ' + JSON.stringify({ access_token: credentials.access_token }));`;
  await deploy(platform, [{ type: 'action', name: 'careless', integration: 'oauth', exec }]);
  await platform.call('POST', '/action/trigger', { action_name: 'careless', input: {} }, through);
  socket.close();
  expect(upstream.received('/token').length).toBeGreaterThan(2);
  expect(upstream.received('/echo').length).toBe(1);
});

test('none of it is in the log of the server, in the activities, or in the answer to a failure', async () => {
  await platform.world.journal.flush();
  const rows = await eventually(async () => {
    const found = await many<{ text: string }>(
      platform.world.db,
      sql`select to_jsonb(o)::text as text from operations o union all select to_jsonb(m)::text from operation_messages m`,
    );
    return found.length > 15 && found;
  }, 'activities are stored');
  const texts = [...log, ...rows.map(({ text }) => text), ...answers];
  const found = texts.flatMap((text) =>
    [...(text.match(CANARY) ?? []), ...tokens.filter((token) => token && text.includes(token))].map((secret) => [
      secret,
      text.slice(0, 400),
    ]),
  );
  expect(found).toEqual([]);
});

test('nor is it in the database in the clear', async () => {
  const tables = await many<{ name: string }>(
    platform.world.db,
    sql`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(20);
  for (const { name } of tables) {
    const rows = await many<{ text: string }>(platform.world.db, sql`select to_jsonb(t)::text as text from ${sql.table(name)} t`);
    // A function's own code is its author's.
    const found = rows
      .flatMap(({ text }) => text.match(CANARY) ?? [])
      .concat(rows.flatMap(({ text }) => tokens.filter((token) => token && text.includes(token))));
    expect([name, found]).toEqual([name, []]);
  }
});
