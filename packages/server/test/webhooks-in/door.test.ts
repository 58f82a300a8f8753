/** The door of webhooks: one vendor of each family of signatures, from its request to the stored row, and each question that vendors ask. */
import { createHmac } from 'node:crypto';
import { loadCatalogue } from '@bowline/providers/catalogue';
import type { WebhookFacts } from '@bowline/providers/facts';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { makeGenuine } from './signer.ts';

const catalogue = loadCatalogue();
const FAMILIES = [
  ...['github', 'shopify', 'slack', 'stripe', 'clerk', 'calendly', 'hubspot', 'twilio', 'intercom', 'hibob-oauth', 'cloudinary', 'linear'],
  ...[
    'sendgrid',
    'discord',
    'wise-api-key',
    'highlevel',
    'monday',
    'plaid',
    'google-mail',
    'buildkite',
    'figma',
    'chargebee',
    'dialpad',
    'xero',
  ],
];
const ASKING = [
  'zoom',
  'slack',
  'microsoft',
  'dropbox',
  'facebook',
  'strava',
  'okta',
  'twitch',
  'smartsheet',
  'asana',
  'ring-central',
  'monday',
];
const SECRET = 'a webhook secret';

let platform: Platform;
let uuid: string;

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  uuid = (await platform.scopeOf('dev')).environment.uuid;
});

async function integrate(key: string, provider: string, secrets?: readonly string[]): Promise<void> {
  const answer = await platform.call('POST', '/integrations', {
    unique_key: key,
    provider,
    credentials: null,
    ...(secrets ? { webhooks: { secrets } } : {}),
  });
  if (answer.status !== 200) throw new Error(`${provider}: ${JSON.stringify(answer.body)}`);
}
const addressOf = (key: string, query = '') => `/webhook/${uuid}/${key}${query}`;
const publicUrlOf = (key: string) => `${platform.world.config.publicUrl}${addressOf(key)}`;
async function ask(key: string, { method = 'POST', query = '', headers = {}, body }: Asked = {}) {
  const response = await fetch(platform.url + addressOf(key, query), { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
type Asked = { method?: string; query?: string; headers?: Record<string, string>; body?: string };
const stored = (key: string) =>
  many<{ verified: boolean; deliveryName: string | null }>(
    platform.world.db,
    sql`select verified, delivery_name from incoming_webhooks w join integrations i on i.id = w.integration_id where i.unique_key = ${key}`,
  );

describe.each(FAMILIES)('%s', (name) => {
  const facts = catalogue.get(name)?.webhook as WebhookFacts; // a name of the list above
  const { alternative: _, ...way } = facts;

  test('a genuine webhook is taken, and known when it comes again; one that was changed on the way is refused', async () => {
    const made = await makeGenuine(way, { sentAt: new Date(), url: publicUrlOf(name) });
    await integrate(name, name, [made.key]);
    const { headers, body, url } = made.incoming;
    const query = new URL(url).search;
    const request = { query, headers: headers as Record<string, string>, body: body.toString('utf8') };
    expect((await ask(name, request)).status).toBe(200);
    expect((await ask(name, request)).status).toBe(200);
    const rows = await stored(name);
    expect(rows[0]?.verified).toBe(true);
    if (rows[0]?.deliveryName !== null) expect(rows).toHaveLength(1);
    const forged = await makeGenuine(way, { sentAt: new Date(), url: publicUrlOf(name) });
    await platform.call('PATCH', `/integrations/${name}`, {
      webhooks: { secrets: [Buffer.alloc(32, 5).toString('base64')], accept_unverified: true },
    });
    expect((await ask(name, { ...request, headers: forged.incoming.headers as Record<string, string> })).status).toBe(401);
    expect(await stored(name)).toHaveLength(rows.length);
  });
});

describe('what vendors ask before they send anything', () => {
  beforeAll(async () => {
    for (const name of ASKING) await integrate(`${name}-asks`, name, [SECRET]);
    await integrate('x-asks', 'twitter-v2', [SECRET]);
    await integrate('trello-asks', 'trello', [SECRET]);
    await integrate('notion-asks', 'notion');
    await integrate('xero-asks', 'xero', [SECRET]);
  });
  const json = { 'content-type': 'application/json' };
  const post = (value: object): Asked => ({ headers: json, body: JSON.stringify(value) });

  test.each<[string, Asked, string]>([
    ['slack', post({ type: 'url_verification', challenge: 'c-1' }), 'c-1'],
    ['microsoft', { query: '?validationToken=a%20b%3Cscript%3E' }, 'a b<script>'],
    ['dropbox', { method: 'GET', query: '?challenge=c-2' }, 'c-2'],
    ['facebook', { method: 'GET', query: '?hub.mode=subscribe&hub.challenge=123&hub.verify_token=t' }, '123'],
    ['strava', { method: 'GET', query: '?hub.mode=subscribe&hub.challenge=c-3' }, '{"hub.challenge":"c-3"}'],
    ['okta', { method: 'GET', headers: { 'x-okta-verification-challenge': 'c-4' } }, '{"verification":"c-4"}'],
    ['monday', post({ challenge: 'c-5' }), '{"challenge":"c-5"}'],
    [
      'twitch',
      { headers: { ...json, 'twitch-eventsub-message-type': 'webhook_callback_verification' }, body: '{"challenge":"c-6"}' },
      'c-6',
    ],
    [
      'zoom',
      post({ event: 'endpoint.url_validation', payload: { plainToken: 'p-1' } }),
      JSON.stringify({ plainToken: 'p-1', encryptedToken: createHmac('sha256', SECRET).update('p-1').digest('hex') }),
    ],
    [
      'x',
      { method: 'GET', query: '?crc_token=t-1' },
      `{"response_token":"sha256=${createHmac('sha256', SECRET).update('t-1').digest('base64')}"}`,
    ],
  ])('%s hears what it wants, as a text that no browser takes for a page', async (name, asked, answer) => {
    const { status, text, headers } = await ask(`${name}-asks`, asked);
    expect({ status, text }).toEqual({ status: 200, text: answer });
    expect(headers.get('content-type')).toMatch(/^(text\/plain|application\/json)/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(await stored(`${name}-asks`)).toEqual([]);
  });

  test('Asana, Smartsheet and RingCentral get their word back as a header; Trello asks with HEAD', async () => {
    expect((await ask('asana-asks', { headers: { 'x-hook-secret': 's' }, body: '' })).headers.get('x-hook-secret')).toBe('s');
    expect(
      (await ask('smartsheet-asks', { headers: { 'smartsheet-hook-challenge': 'c' }, body: '' })).headers.get('smartsheet-hook-response'),
    ).toBe('c');
    expect((await ask('ring-central-asks', { headers: { 'validation-token': 'v' }, body: '' })).headers.get('validation-token')).toBe('v');
    expect((await ask('trello-asks', { method: 'HEAD' })).status).toBe(200);
  });

  test('nobody has a body of their own signed by asking', async () => {
    for (const token of ['{"direct_message_events":[]}', 'v0:1700000000:{}', 'a'.repeat(300)]) {
      const { text } = await ask('x-asks', { method: 'GET', query: `?crc_token=${encodeURIComponent(token)}` });
      expect(text).not.toContain('sha256=');
      const zoom = await ask('zoom-asks', post({ event: 'endpoint.url_validation', payload: { plainToken: token } }));
      expect(zoom.text).not.toContain('encryptedToken');
    }
  });

  test('Notion’s token is kept for whoever enters it, while there is none; Xero is told right from wrong', async () => {
    expect((await ask('notion-asks', post({ verification_token: 'n' }))).status).toBe(200);
    expect(await stored('notion-asks')).toMatchObject([{ verified: false }]);
    await platform.call('PATCH', '/integrations/notion-asks', { webhooks: { secrets: ['n'] } });
    expect((await ask('notion-asks', post({ verification_token: 'another' }))).status).toBe(401);
    const body = '{"events":[],"firstEventSequence":0}';
    const signed = (key: string) => ({
      headers: { ...json, 'x-xero-signature': createHmac('sha256', key).update(body).digest('base64') },
      body,
    });
    expect((await ask('xero-asks', signed(SECRET))).status).toBe(200);
    expect((await ask('xero-asks', signed('another'))).status).toBe(401);
  });
});
