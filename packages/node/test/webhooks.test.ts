/** Which webhooks are believed. The signatures are made by the server's own code. */
import { Bowline, type BowlineError, type Verifying, type WebhookHeaders } from '@bowline/node';
import { describe, expect, test } from 'vitest';
import { signatureHeaders } from '../../server/src/webhooks-out/sign.ts';

const signingKey = '99999999-2222-4333-8444-555555555555';
const at = new Date('2026-03-01T12:00:00Z');
const body = JSON.stringify({ from: 'nango', type: 'sync', model: 'Kontakt', text: 'grün 🌱' });
const headers = signatureHeaders({ keys: [signingKey], body, id: 'msg_1', at });
const client = new Bowline({ apiKey: '11111111-2222-4333-8444-555555555555', webhookSigningKey: signingKey });
const verify = (changed: WebhookHeaders = headers, options: Verifying = {}, text: string | Uint8Array = body) =>
  client.verifyWebhook(text, changed, { now: at, ...options });
const refused = (message: RegExp) =>
  expect.objectContaining<Partial<BowlineError>>({ code: 'invalid_webhook', message: expect.stringMatching(message) });
const older = { 'X-Nango-Hmac-Sha256': headers['x-nango-hmac-sha256'] };

describe('verifyWebhook', () => {
  test('returns the event, from text or bytes, with headers of any runtime', () => {
    const event = { type: 'sync', model: 'Kontakt', text: 'grün 🌱' };
    expect(verify()).toMatchObject(event);
    expect(verify(new Headers(headers))).toMatchObject(event);
    expect(verify({ get: (name: string) => new Headers(headers).get(name) })).toMatchObject(event);
    expect(verify(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])))).toMatchObject(event);
    expect(verify(headers, {}, new TextEncoder().encode(body))).toMatchObject(event);
  });

  test('accepts any of several signatures', () => {
    expect(verify({ ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` })).toMatchObject({ type: 'sync' });
  });

  test.each([
    ['another body', headers, `${body} `],
    ['another id', { ...headers, 'webhook-id': 'msg_2' }, body],
    ['another time', { ...headers, 'webhook-timestamp': '1' }, body],
    ['no version', { ...headers, 'webhook-signature': headers['webhook-signature']?.slice(3) }, body],
    ['half a signature', { ...headers, 'webhook-signature': headers['webhook-signature']?.slice(0, 20) }, body],
    ['the older signature beside a false one', { ...headers, 'webhook-signature': 'v1,AAAA' }, body],
  ])('refuses %s', (_name, changed, text) => {
    expect(() => verify(changed, {}, text)).toThrow(refused(/does not fit/));
  });

  test('refuses what was sent too long ago or will be', () => {
    const off = (seconds: number) => ({ now: new Date(at.getTime() + seconds * 1000) });
    for (const seconds of [-300, 0, 300]) expect(verify(headers, off(seconds))).toMatchObject({ type: 'sync' });
    for (const seconds of [-301, 301]) expect(() => verify(headers, off(seconds))).toThrow(refused(/too long ago/));
    expect(verify(headers, { ...off(3600), toleranceSeconds: 3600 })).toMatchObject({ type: 'sync' });
    expect(() => verify(signatureHeaders({ keys: [signingKey], body, id: 'x', at: new Date(Number.NaN) }))).toThrow(
      refused(/too long ago/),
    );
  });

  test('falls back on the older signature, unless a time is required', () => {
    expect(verify(older)).toMatchObject({ type: 'sync' });
    expect(() => verify(older, {}, `${body} `)).toThrow(refused(/does not fit/));
    expect(() => verify(older, { requireTimestamp: true })).toThrow(refused(/no time/));
    expect(() => verify({})).toThrow(refused(/no signature/));
  });

  test('refuses a parsed body, which cannot be verified', () => {
    expect(() => verify(headers, {}, JSON.parse(body))).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('refuses a genuine body that is no JSON', () => {
    expect(() => verify(signatureHeaders({ keys: [signingKey], body: 'x', id: 'msg_1', at }), {}, 'x')).toThrow(refused(/no JSON/));
  });
});

test('verifyIncomingWebhookRequest never throws about a signature', () => {
  expect(client.verifyIncomingWebhookRequest(body, older)).toBe(true);
  for (const given of [{}, { 'x-nango-hmac-sha256': '' }, { 'x-nango-hmac-sha256': 'ü' }, { 'x-nango-hmac-sha256': 5 }]) {
    expect(client.verifyIncomingWebhookRequest(body, given)).toBe(false);
  }
});
