/** What a browser reads of its connect session: never a secret that the backend set, and the look that members set for the environment. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultAppearance } from '@bowline/api/appearance';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { one } from '../../src/base/database.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
const SECRET = 'never-to-be-seen';

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'hidden.yaml');
  const field = (secret: boolean) => ({ type: 'string', title: 'A field', description: '', secret });
  const definition = {
    display_name: 'Hidden',
    categories: ['other'],
    docs: 'https://example.test',
    auth_mode: 'OAUTH2',
    authorization_url: 'https://example.test/authorize',
    token_url: 'https://example.test/token',
    connection_config: { pin: field(true), region: field(false) },
  };
  writeFileSync(file, JSON.stringify(definition));
  platform = await startPlatform({ providers: [file] });
  const credentials = { type: 'OAUTH2', client_id: 'c', client_secret: 's' };
  await platform.call('POST', '/integrations', { unique_key: 'hidden', provider: 'hidden', credentials });
});

const sessionWith = async (connection_config: Json): Promise<Json> => {
  const body = { end_user: { id: 'u-1' }, integrations_config_defaults: { hidden: { connection_config } } };
  const made = await platform.call('POST', '/connect/sessions', body);
  return platform.call('GET', '/connect/session', undefined, { authorization: `Bearer ${made.body.data.token}` });
};

describe('what the backend set', () => {
  test('is shown, and of secrets only that they are set', async () => {
    const answer = await sessionWith({
      pin: SECRET,
      region: 'eu',
      oauth_client_id_override: 'client-1',
      oauth_client_secret_override: SECRET,
      oauth_refresh_token_override: SECRET,
    });
    expect(answer.body.data.integrations_config_defaults.hidden.connection_config).toEqual({
      pin: '***',
      region: 'eu',
      oauth_client_id_override: 'client-1',
      oauth_client_secret_override: '***',
      oauth_refresh_token_override: '***',
    });
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
  });

  test('stays empty where it is empty: that asks the person', async () => {
    const answer = await sessionWith({ pin: '', oauth_client_secret_override: '' });
    expect(answer.body.data.integrations_config_defaults.hidden.connection_config).toEqual({ pin: '', oauth_client_secret_override: '' });
  });
});

describe('the look of the connect page', () => {
  const settings = {
    theme: { light: { primary: '#663399' }, dark: { primary: '#fc0' } },
    defaultTheme: 'dark',
    showWatermark: true,
    logo: 'data:image/png;base64,iVBORw0KGgo=',
    variables: { light: { '--radius': '4px', '--font': 'Georgia, serif' }, dark: {} },
  };
  const shownIn = async (call: Platform['call'], headers: Record<string, string> = {}): Promise<Json> => {
    const made = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' } }, headers);
    const { body } = await platform.call('GET', '/connect/session', undefined, { authorization: `Bearer ${made.body.data.token}` });
    return body.data.connectUISettings;
  };

  test('is as it comes until a member sets it, and then in that environment alone', async () => {
    const member = await platform.member();
    expect(await shownIn(platform.call)).toEqual(defaultAppearance);
    expect(await member('PUT', '/api/connect-ui', settings)).toMatchObject({ status: 200, body: settings });
    expect(await member('GET', '/api/connect-ui')).toMatchObject({ status: 200, body: settings });
    expect(await shownIn(platform.call)).toEqual(settings);
    expect(await shownIn(platform.call, { authorization: `Bearer ${await platform.keyOf('prod')}` })).toEqual(defaultAppearance);
    await member('PUT', '/api/connect-ui', defaultAppearance);
    expect(await shownIn(platform.call)).toEqual(defaultAppearance);
  });

  test.each([
    ['a colour that ends its declaration', { theme: { ...settings.theme, light: { primary: '#fff; background: url(//evil.test)' } } }],
    ['a colour by name', { theme: { ...settings.theme, light: { primary: 'red' } } }],
    ['a variable of another name', { variables: { light: { '--other': '#fff' }, dark: {} } }],
    ['a variable that fetches', { variables: { light: { '--canvas': 'url(https://evil.test)' }, dark: {} } }],
    ['a font that ends its declaration', { variables: { light: { '--font': 'x"; } * { color: red' }, dark: {} } }],
    ['a radius that is a sum', { variables: { light: { '--radius': 'calc(1px + 1vw)' }, dark: {} } }],
    ['a logo elsewhere', { logo: 'https://evil.test/logo.png' }],
    ['a logo that is a page', { logo: 'data:text/html;base64,PHA+' }],
    ['a logo that is too large', { logo: `data:image/png;base64,${'A'.repeat(70_000)}` }],
    ['another theme', { defaultTheme: 'sepia' }],
    ['what nobody knows', { css: 'body {}' }],
  ])('%s is refused', async (_what, over) => {
    const member = await platform.member();
    expect(await member('PUT', '/api/connect-ui', { ...settings, ...over })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body' } },
    });
    expect(await shownIn(platform.call)).toEqual(defaultAppearance);
  });

  test('is for members alone', async () => {
    expect((await platform.call('GET', '/api/connect-ui')).status).toBe(401);
    expect((await platform.call('PUT', '/api/connect-ui', settings)).status).toBe(401);
  });

  test('goes with its environment', async () => {
    const made = await platform.call(
      'POST',
      '/environments',
      { name: 'shortlived' },
      { authorization: `Bearer ${await platform.accountKeyOf()}` },
    );
    const member = await platform.member('shortlived');
    expect((await member('PUT', '/api/connect-ui', settings)).status).toBe(200);
    const rows = () =>
      one<{ count: number }>(platform.world.db, sql`select count(*) from connect_ui where settings ->> 'defaultTheme' = 'dark'`);
    expect((await rows())?.count).toBe(1);
    await platform.call('DELETE', `/environments/${made.body.data?.id ?? made.body.id}`, undefined, {
      authorization: `Bearer ${await platform.accountKeyOf()}`,
    });
    await eventually(async () => (await rows())?.count === 0, 'the look of the deleted environment is gone');
  });
});
