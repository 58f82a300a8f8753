import { expect, test } from 'vitest';
import { baseString, oauthHeader } from '../../src/credentials/oauth1-signature.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

test('the base string is that of RFC 5849 §3.4.1.1: doubled names, a plus, an empty value, encoded names', () => {
  const request = {
    method: 'POST',
    url: 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
    headers: form,
    body: 'c2&a3=2+q',
  };
  const oauth = {
    oauth_consumer_key: '9djdj82h48djs9d2',
    oauth_token: 'kkk9d7dh3k39sjv7',
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: '137131201',
    oauth_nonce: '7d8f3e4a',
  };
  expect(baseString(request, Object.entries(oauth))).toBe(
    'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
  );
});

test('the signature is the one that X documents for its example', () => {
  const header = oauthHeader(
    {
      method: 'HMAC-SHA1',
      consumerKey: 'xvz1evFS4wEEPTGEFPHBog',
      consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
      tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    },
    {
      method: 'post',
      url: 'https://API.twitter.com:443/1.1/statuses/update.json?include_entities=true',
      headers: form,
      body: Buffer.from('status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21'),
    },
    { nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg', now: new Date(1318622958_000) },
  );
  expect(header).toContain('oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"');
});

test('a body that is no form is not part of the signature', () => {
  const request = { method: 'POST', url: 'https://x.test/', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
  expect(baseString(request, [])).toBe('POST&https%3A%2F%2Fx.test%2F&');
  expect(baseString({ ...request, url: 'https://x.test', body: undefined }, [])).toBe('POST&https%3A%2F%2Fx.test%2F&');
});
