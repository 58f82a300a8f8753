/**
 * A small OAuth 1.0a server to RFC 5849, and an API behind it. Every signature is checked with a library that shares nothing with
 * our signer, over the request as it arrived; a nonce counts once.
 */
import { generateKeyPairSync } from 'node:crypto';
import { sign } from 'oauth-sign';
import type { Received, Upstream } from '../upstream.ts';
import { json } from '../upstream.ts';

export const consumer = { key: 'consumer-1', secret: "c&s'cret +" };
export type Method = 'HMAC-SHA1' | 'HMAC-SHA256' | 'RSA-SHA1' | 'PLAINTEXT';
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
/** What stands for the consumer secret when signatures are made with a key. */
export const rsaKey = rsa.privateKey;

export type Oauth1Server = {
  /** Temporary tokens that a person allowed, and the verifier of each. */
  allow(token: string): string;
  /** Why the last request was refused. */
  readonly refusals: string[];
  /** Header parameters of the last request that was accepted. */
  readonly accepted: Record<string, string>[];
  /** Ends the tokens handed out. */
  expire(): void;
};

type Held = { secret: string; callback: string; verifier?: string };
type State = {
  readonly temporary: Map<string, Held>;
  readonly granted: Map<string, string>;
  readonly nonces: Set<string>;
  readonly method: Method;
  readonly realm: string | undefined;
  readonly address: string;
};
type SecretOf = (token: string | undefined) => string | undefined;

/** The parameters of the header, or why the request is refused. */
function check(state: State, request: Received, secretOf: SecretOf): Record<string, string> | string {
  const header = request.headers.authorization ?? '';
  if (!header.startsWith('OAuth ')) return 'no OAuth header';
  const given = Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      name === 'realm' ? value : decodeURIComponent(value),
    ]),
  );
  const { oauth_signature: signature = '', realm: givenRealm, ...oauth } = given;
  if (givenRealm !== state.realm) return `the realm is ${givenRealm}`;
  if (oauth.oauth_consumer_key !== consumer.key) return 'unknown consumer';
  if (oauth.oauth_signature_method !== state.method) return `method ${oauth.oauth_signature_method}`;
  if (state.nonces.has(oauth.oauth_nonce ?? '')) return 'nonce used twice';
  state.nonces.add(oauth.oauth_nonce ?? '');
  const secret = secretOf(oauth.oauth_token);
  if (secret === undefined) return 'token_rejected';
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const query = new URL(request.url, state.address).searchParams;
  const parameters: Record<string, string[]> = {};
  for (const [name, value] of [...query, ...(isForm ? new URLSearchParams(request.body.toString()) : []), ...Object.entries(oauth)]) {
    parameters[name] = [...(parameters[name] ?? []), value];
  }
  const key = state.method === 'RSA-SHA1' ? rsa.privateKey : consumer.secret;
  const expected = sign(state.method, request.method, `${state.address}${request.url.split('?')[0]}`, parameters, key, secret);
  return expected === signature ? given : 'signature_invalid';
}

/** Serves `/request_token`, `/access_token` and whatever is below `/api`. */
export function serveOauth1(upstream: Upstream, prefix: string, method: Method, realm?: string): Oauth1Server {
  const temporary = new Map<string, Held>();
  const granted = new Map<string, string>([['token-1', 'token secret/1']]);
  const state: State = { temporary, granted, nonces: new Set(), method, realm, address: upstream.url };
  const refusals: string[] = [];
  const accepted: Record<string, string>[] = [];
  const serve = (path: string, secretOf: SecretOf, answer: (oauth: Record<string, string>, request: Received) => object | string) =>
    upstream.on(`${prefix}${path}`, (request, response) => {
      const oauth = check(state, request, secretOf);
      if (typeof oauth === 'string') {
        refusals.push(oauth);
        return response.writeHead(401, { 'content-type': 'application/x-www-form-urlencoded' }).end(`oauth_problem=${oauth}`);
      }
      accepted.push(oauth);
      const said = answer(oauth, request);
      return typeof said === 'string' ? response.end(said) : json(response, said);
    });

  serve(
    '/request_token',
    (token) => (token === undefined ? '' : undefined),
    ({ oauth_callback: callback = '' }) => {
      const token = `temporary-${temporary.size + 1}`;
      temporary.set(token, { secret: `secret of ${token}`, callback });
      return `oauth_token=${token}&oauth_token_secret=secret+of+${token}&oauth_callback_confirmed=true`;
    },
  );
  serve(
    '/access_token',
    (token) => temporary.get(token ?? '')?.secret,
    ({ oauth_token: token = '', oauth_verifier: verifier }) => {
      if (temporary.get(token)?.verifier === undefined || temporary.get(token)?.verifier !== verifier)
        return 'oauth_problem=permission_denied';
      temporary.delete(token);
      granted.set(`of ${token}`, `secret=of&${token}`);
      return `oauth_token=of+${token}&oauth_token_secret=secret%3Dof%26${token}&user_id=42&screen_name=ann`;
    },
  );
  for (const path of ['/api/me', "/api/it!em's%20(1)"]) {
    serve(
      path,
      (token) => granted.get(token ?? ''),
      (oauth, request) => ({ token: oauth.oauth_token, url: request.url, body: request.body.toString() }),
    );
  }
  upstream.on(`${prefix}/api/moved`, (_request, response) => response.writeHead(307, { location: `${prefix}/api/me?moved=1` }).end());
  return {
    allow: (token) => {
      const held = temporary.get(token);
      if (!held) throw new Error(`no temporary token ${token}`);
      held.verifier = `verifier of ${token}`;
      return held.verifier;
    },
    refusals,
    accepted,
    expire: () => {
      temporary.clear();
      granted.clear();
    },
  };
}
