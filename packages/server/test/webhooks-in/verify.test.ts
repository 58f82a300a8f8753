/** Genuine webhooks of every provider that signs are taken; with anything changed on the way they are not. */
import { createPublicKey } from 'node:crypto';
import { loadCatalogue } from '@bowline/providers/catalogue';
import type { WebhookFacts } from '@bowline/providers/facts';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../../src/webhooks-in/verify/incoming.ts';
import { verifyWebhook } from '../../src/webhooks-in/verify/verify.ts';
import { keyOf, type Made, makeGenuine, NOW } from './signer.ts';

const catalogue = loadCatalogue();
const ways = catalogue.list().flatMap(({ name, webhook }) => {
  if (!webhook || webhook.algorithm === 'none') return [];
  const { alternative, ...way } = webhook;
  const second =
    alternative && alternative.algorithm !== 'none' ? [{ name: `${name} (second way)`, way: alternative, facts: webhook }] : [];
  return [{ name, way, facts: webhook }, ...second];
});
/** Signed with an identifier of the subscription, which nothing tells yet: refused, whatever it holds. */
const isIncomplete = (way: Way) => way.signed?.includes('{webhook_id}') ?? false;
type Way = Omit<WebhookFacts, 'alternative'>;

const judge = (facts: WebhookFacts, incoming: Incoming, key: string, kind: Way['key'] = 'webhook_secret', now = NOW) =>
  verifyWebhook(facts, incoming, { keys: { [kind]: [key] }, now });
const refusal = async (facts: WebhookFacts, way: Way, incoming: Incoming, key: string, now = NOW) => {
  const verdict = await judge(facts, incoming, key, way.key, now);
  return verdict.verified ? 'verified' : verdict.reason;
};

/** A guarantee that not every provider gives. */
const when = (applies: boolean, name: string, run: () => Promise<void>) => (applies ? test(name, run) : undefined);
const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
const signsBody = ({ signed, algorithm }: Way) => /\{(body|form|crc32)\}/.test(signed ?? '') || algorithm.startsWith('jwt-');
const nameOf = (place = '') => place.slice(place.indexOf('.') + 1).toLowerCase();

describe.each(ways)('$name', ({ way, facts }) => {
  when(!isIncomplete(way), 'a genuine one is taken, by any of the keys that count now', async () => {
    const { incoming, key } = await makeGenuine(way);
    expect(await judge(facts, incoming, key, way.key)).toEqual({ verified: true });
    const keys = { [way.key ?? 'webhook_secret']: [`${keyOf({ ...way, algorithm: 'hmac-sha256' })}00`, key] };
    expect(await verifyWebhook(facts, incoming, { keys, now: NOW })).toEqual({ verified: true });
  });

  test('made with another key, or when there is none, it is refused', async () => {
    const { incoming } = await makeGenuine(way);
    const other = Buffer.from('another key of thirty-two bytes!');
    const key = way.key_encoding ? other.toString(way.key_encoding) : other.toString('utf8');
    expect(await refusal(facts, way, incoming, key)).not.toBe('verified');
    expect(await verifyWebhook(facts, incoming, { keys: {}, now: NOW })).toMatchObject({ verified: false, reason: 'no_key' });
    expect(await refusal(facts, way, incoming, '')).toBe('no_key');
  });

  test('with a byte of its signature changed, cut off, added, emptied or without it, it is refused', async () => {
    const { incoming, key } = await makeGenuine(way);
    for (const changed of tamperedSignatures(way, incoming)) expect(await refusal(facts, way, changed, key)).not.toBe('verified');
  });

  when(signsBody(way) && way.signature !== undefined, 'with a byte of its body changed or added it is refused', async () => {
    const { incoming, key } = await makeGenuine(way);
    const text = incoming.body.toString('utf8');
    // Spaces are no change where the vendor is known to sign the JSON and not its bytes.
    const spaced = facts.rewritten ? [] : [`${text} `];
    for (const body of [flip(text, text.length - 3), ...spaced, text.slice(1), '', text.toUpperCase()])
      expect(await refusal(facts, way, { ...incoming, body: Buffer.from(body) }, key)).not.toBe('verified');
  });

  when(/\{(url|method)\}/.test(way.signed ?? ''), 'sent to another address it is refused', async () => {
    const { incoming, key } = await makeGenuine(way);
    const url = incoming.url.replace('/key', '/other');
    expect(await refusal(facts, way, { ...incoming, url }, key)).toBe('invalid_signature');
  });

  const isTimed = way.tolerance_seconds !== undefined || way.timestamp?.startsWith('header.') || way.format?.includes('{timestamp}');
  when(isTimed === true && !isIncomplete(way), 'sent again after its window, or from the future, it is refused', async () => {
    const seconds = (way.tolerance_seconds ?? 24 * 3600) + 120;
    for (const sign of [-1, 1]) {
      const { incoming, key } = await makeGenuine(way, { sentAt: new Date(NOW.getTime() + sign * seconds * 1000) });
      expect(await refusal(facts, way, incoming, key)).not.toBe('verified');
    }
  });
});

function tamperedSignatures(way: Way, incoming: Incoming): Incoming[] {
  const { signature: place = '' } = way;
  if (!place) {
    const token = incoming.body.toString('utf8');
    return [flip(token, token.length - 8), token.slice(0, -4), ''].map((text) => ({ ...incoming, body: Buffer.from(text) }));
  }
  const name = nameOf(place);
  if (place.startsWith('header.')) {
    const value = String(incoming.headers[name]);
    // The last letter of base64 may hold bits that count for nothing.
    const changed = [flip(value, value.length - 8), value.slice(0, -4), `${value}00`, '', value.replace(/.*[=,\s]/, '').slice(0, -2)];
    const { [name]: _, ...without } = incoming.headers;
    return [{ ...incoming, headers: without }, ...changed.map((text) => ({ ...incoming, headers: { ...incoming.headers, [name]: text } }))];
  }
  const lastStep = place.replace(/.*\./, '');
  const given = place.startsWith('query.') ? incoming.url : incoming.body.toString('utf8');
  const at = place.startsWith('query.') ? given.length - 8 : given.indexOf(lastStep) + lastStep.length + 8;
  const changed = flip(given, at);
  return [place.startsWith('query.') ? { ...incoming, url: changed } : { ...incoming, body: Buffer.from(changed) }];
}

describe('what vendors publish', () => {
  const factsOf = (name: string): WebhookFacts => {
    const facts = catalogue.get(name)?.webhook;
    if (!facts) throw new Error(`${name} has no facts`);
    return facts;
  };
  const given = (headers: Record<string, string>, body: string, url = 'https://example.com/') => ({
    method: 'POST',
    url,
    headers,
    body: Buffer.from(body),
  });

  test('the example of GitHub (docs.github.com, Validating webhook deliveries)', async () => {
    const headers = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' };
    expect(await judge(factsOf('github'), given(headers, 'Hello, World!'), "It's a Secret to Everybody")).toEqual({ verified: true });
  });

  test('the example of Slack (docs.slack.dev, Verifying requests)', async () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const headers = {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    };
    const now = new Date(1531420618_000);
    expect(await judge(factsOf('slack'), given(headers, body), '8f742231b10e8888abcd99yyyzzz85a5', 'webhook_secret', now)).toEqual({
      verified: true,
    });
  });

  test('the example of Twilio (www.twilio.com/docs/usage/security)', async () => {
    const body = 'CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212';
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': '0/KCTR6DLpKmkAf8muzZqo1nDgQ=' };
    const incoming = given(headers, body, 'https://mycompany.com/myapp.php?foo=1&bar=2');
    expect(await judge(factsOf('twilio'), incoming, '12345', 'api_key')).toEqual({ verified: true });
  });

  test('the example of Standard Webhooks and Svix (docs.svix.com, Verifying manually)', async () => {
    const headers = {
      'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'svix-timestamp': '1614265330',
      'svix-signature': 'v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const now = new Date(1614265330_000);
    const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(await judge(factsOf('resend'), given(headers, '{"test": 2432232314}'), key, 'subscription', now)).toEqual({ verified: true });
  });
});

test('public keys are read as vendors show them: PEM, the bare bytes of Ed25519 in hexadecimal, DER in base64', async () => {
  for (const [name, facts] of [
    ['discord', catalogue.get('discord')?.webhook],
    ['sendgrid', catalogue.get('sendgrid')?.webhook],
  ] as const) {
    if (!facts) throw new Error(`${name} has no facts`);
    const { incoming, key } = await makeGenuine(facts);
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const shown = name === 'discord' ? der.subarray(-32).toString('hex') : der.toString('base64');
    expect(await judge(facts, incoming, shown, facts.key)).toEqual({ verified: true });
  }
});

test('a body in JSON that Twilio signs by its hash in the address is held to that hash', async () => {
  const facts = catalogue.get('twilio')?.webhook;
  if (!facts) throw new Error('no facts');
  const { incoming, key }: Made = await makeGenuine(facts);
  const json = { ...incoming, headers: { ...incoming.headers, 'content-type': 'application/json' }, body: Buffer.from('{"a":1}') };
  expect(await judge(facts, json, key, facts.key)).toMatchObject({ verified: false });
});

test('what a provider does not sign is never taken as verified, not even where another way of it is signed', async () => {
  for (const name of ['salesforce', 'strava', 'mailchimp']) {
    const facts = catalogue.get(name)?.webhook;
    if (!facts) throw new Error(`${name} has no facts`);
    const incoming = { method: 'POST', url: 'https://example.com/', headers: {}, body: Buffer.from('{}') };
    expect(await judge(facts, incoming, 'x')).toMatchObject({ verified: false, reason: 'unsigned' });
  }
});
