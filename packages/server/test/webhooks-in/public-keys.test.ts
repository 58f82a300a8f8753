/** Keys that a vendor publishes are asked for once, kept as long as it says, and still count while it cannot be reached. */
import { createHash, createHmac, createSign } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { loadCatalogue } from '@bowline/providers/catalogue';
import type { WebhookFacts } from '@bowline/providers/facts';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { publishedKeys } from '../../src/webhooks-in/public-keys.ts';
import { publishedFor } from '../../src/webhooks-in/published.ts';
import { readWebhook } from '../../src/webhooks-in/routing/route.ts';
import { verifyWebhook } from '../../src/webhooks-in/verify/verify.ts';

const URL_OF_KEYS = 'https://vendor.test/certs';

/** Another World: its network answers what the test says. */
function worldWith(answer: () => { status: number; body: string; age?: number }) {
  let now = Date.parse('2026-03-01T12:00:00Z');
  let asked = 0;
  const outbound = {
    request: async (url: string | URL) => {
      asked += 1;
      const { status, body, age = 0 } = answer();
      return { status, headers: { 'cache-control': `public, max-age=${age}` }, body: Readable.from([Buffer.from(body)]), url: String(url) };
    },
  };
  return {
    world: { outbound: outbound as never, clock: { now: () => new Date(now) }, log: pino({ level: 'silent' }) },
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('many who ask at once ask once, and again when the keys are as old as the vendor said', async () => {
  let n = 0;
  const { world, asked, pass } = worldWith(() => ({ status: 200, body: JSON.stringify({ keys: [{ kid: String(++n) }] }), age: 600 }));
  const answers = await Promise.all(Array.from({ length: 20 }, () => publishedKeys(world, URL_OF_KEYS)));
  expect(new Set(answers.flat())).toEqual(new Set(['{"keys":[{"kid":"1"}]}']));
  pass(599_000);
  await publishedKeys(world, URL_OF_KEYS);
  expect(asked()).toBe(1);
  pass(2_000);
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[{"kid":"2"}]}']);
});

test('a vendor that fails, or answers something else, leaves those that were known, and is asked again a minute later', async () => {
  let answer = { status: 200, body: '{"keys":[]}', age: 60 };
  const { world, asked, pass } = worldWith(() => answer);
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[]}']);
  for (const [count, next] of [
    { status: 500, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: '{}' },
  ].entries()) {
    answer = { ...next, age: 60 };
    pass(61_000);
    expect(await publishedKeys(world, URL_OF_KEYS)).toEqual(['{"keys":[]}']);
    await publishedKeys(world, URL_OF_KEYS);
    expect(asked()).toBe(count + 2);
  }
});

test('without any there are none, and nothing is thrown', async () => {
  const { world } = worldWith(() => ({ status: 404, body: '' }));
  expect(await publishedKeys(world, URL_OF_KEYS)).toEqual([]);
});

const facts = (name: string) => loadCatalogue().get(name)?.webhook as WebhookFacts; // both are in the catalogue
const NOW = new Date('2026-03-01T12:00:00Z');

test('PayPal is verified by the certificate it names and the id of the webhook; a certificate from elsewhere is not asked for', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'messageverificationcerts.paypal.test' }], {
    keySize: 2048,
    algorithm: 'sha256',
  });
  const { world, asked } = worldWith(() => ({ status: 200, body: cert }));
  const body = Buffer.from('{"event_type":"PAYMENT.SALE.COMPLETED"}');
  const signed = `t-1|${NOW.toISOString()}|WH-1|${crc32(body)}`;
  const from = async (url: string, { webhookId = 'WH-1', sent = body } = {}) => {
    const headers = {
      'paypal-transmission-id': 't-1',
      'paypal-transmission-time': NOW.toISOString(),
      'paypal-transmission-sig': createSign('sha256').update(signed).sign(key, 'base64'),
      'paypal-cert-url': url,
    };
    const incoming = { method: 'POST', url: 'https://hooks.test/', headers, body: sent };
    const keys = await publishedFor(world, facts('paypal'), await readWebhook(incoming));
    return (await verifyWebhook(facts('paypal'), incoming, { keys: { public_key: keys, webhook_id: [webhookId] }, now: NOW })).verified;
  };
  const own = 'https://api.paypal.com/v1/notifications/certs/CERT-1';
  expect(await from(own)).toBe(true);
  expect(await from(own, { webhookId: 'WH-2' })).toBe(false);
  expect(await from(own, { sent: Buffer.from('{}') })).toBe(false);
  expect(asked()).toBe(1);
  for (const url of [
    'https://api.paypal.com.evil.test/c',
    'http://api.paypal.com/c',
    'https://api.paypal.com:8443/c',
    'https://evil@paypal.test/',
    'c',
    '',
  ])
    expect(await from(url)).toBe(false);
  expect(asked()).toBe(1);
});

test('ConnectWise PSA is verified by the hash of the key that it names, at its own hosts', async () => {
  const { world, asked } = worldWith(() => ({ status: 200, body: '{"signing_key":"k-1"}' }));
  const from = async (url: string, key = 'k-1') => {
    const body = Buffer.from(JSON.stringify({ Type: 'ticket', Metadata: { key_url: url } }));
    const signature = createHmac('sha256', createHash('sha256').update(key).digest()).update(body).digest('base64');
    const incoming = { method: 'POST', url: 'https://hooks.test/', headers: { 'x-content-signature': signature }, body };
    const keys = await publishedFor(world, facts('connectwise-psa'), await readWebhook(incoming));
    return (await verifyWebhook(facts('connectwise-psa'), incoming, { keys: { public_key: keys }, now: NOW })).verified;
  };
  expect(await from('https://na.myconnectwise.net/v4_6_release/apis/keys/1')).toBe(true);
  expect(await from('https://na.myconnectwise.net/v4_6_release/apis/keys/1', 'k-2')).toBe(false);
  expect(await from('https://myconnectwise.net.evil.test/keys')).toBe(false);
  expect(asked()).toBe(1);
});
