/**
 * The `Authorization` header of OAuth 1 (RFC 5849 §3): what is signed is the request as it goes out, its query and form body included.
 * Ours, since no kept library reads parameters off a request (decisions/020). Pure.
 */
import { createHmac, createSign } from 'node:crypto';
import type { SignedHop } from '../base/outbound.ts';
import { CredentialsError } from './failure.ts';

export type SignatureMethod = 'HMAC-SHA1' | 'HMAC-SHA256' | 'RSA-SHA1' | 'PLAINTEXT';
export type Signer = {
  readonly method: SignatureMethod;
  readonly consumerKey: string;
  /** A private key as PEM for RSA-SHA1. */
  readonly consumerSecret: string;
  readonly token?: string;
  readonly tokenSecret?: string;
  readonly realm?: string;
};
export type Once = { readonly nonce: string; readonly now: Date };
type Pair = readonly [name: string, value: string];

/** @param more further `oauth_…` parameters, such as the verifier */
export function oauthHeader(signer: Signer, request: SignedHop, once: Once, more: Readonly<Record<string, string>> = {}): string {
  const oauth: Record<string, string> = {
    oauth_consumer_key: signer.consumerKey,
    ...(signer.token === undefined ? {} : { oauth_token: signer.token }),
    oauth_signature_method: signer.method,
    oauth_timestamp: String(Math.floor(once.now.getTime() / 1000)),
    oauth_nonce: once.nonce,
    oauth_version: '1.0',
    ...more,
  };
  const text = baseString(request, Object.entries(oauth));
  const key = `${encode(signer.consumerSecret)}&${encode(signer.tokenSecret ?? '')}`;
  const all = { ...oauth, oauth_signature: signatures[signer.method](text, key, signer.consumerSecret) };
  const realm = signer.realm === undefined ? [] : [`realm="${signer.realm.replace(/["\\]/g, '\\$&')}"`]; // a quoted string, not encoded
  return `OAuth ${[...realm, ...Object.entries(all).map(([name, value]) => `${encode(name)}="${encode(value)}"`)].join(', ')}`;
}

const signatures: Readonly<Record<SignatureMethod, (text: string, key: string, consumerSecret: string) => string>> = {
  'HMAC-SHA1': (text, key) => createHmac('sha1', key).update(text).digest('base64'),
  'HMAC-SHA256': (text, key) => createHmac('sha256', key).update(text).digest('base64'),
  'RSA-SHA1': (text, _key, privateKey) => {
    try {
      return createSign('RSA-SHA1').update(text).sign(privateKey, 'base64');
    } catch (error) {
      const message = 'the consumer secret of the integration is not an RSA private key as PEM, which the provider wants signatures of';
      throw new CredentialsError('provider_config_err', message, {}, { cause: error });
    }
  },
  PLAINTEXT: (_text, key) => key,
};

/** RFC 5849 §3.4.1: the path as it is written, all parameters decoded, encoded again and sorted as bytes. */
export function baseString({ method, url, headers, body }: SignedHop, oauth: readonly Pair[]): string {
  const mark = url.indexOf('?');
  const address = mark === -1 ? url : url.slice(0, mark);
  const { origin } = new URL(address);
  const path = address.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/';
  const query = mark === -1 ? [] : pairs(url.slice(mark + 1));
  const form = isForm(headers) && body ? pairs(Buffer.from(body).toString('utf8')) : [];
  const parameters = [...query, ...form, ...oauth]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`);
  return [method.toUpperCase(), encode(origin + path), encode(parameters.join('&'))].join('&');
}

/** Whether the body's parameters are signed; all other bodies are not part of an OAuth 1 signature. */
export function isForm(headers: SignedHop['headers']): boolean {
  return String(headers['content-type'] ?? '')
    .toLowerCase()
    .startsWith('application/x-www-form-urlencoded');
}

const pairs = (text: string): Pair[] => [...new URLSearchParams(text)];
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 5849 §3.6: everything but the unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
