/**
 * What the requests of an entry must be, by the RFCs and by the entry's own facts; each rule says what is wrong. Pure, and written against the
 * requests: it shares no code with what made them.
 */
import { createHash } from 'node:crypto';
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { fieldOf } from '@bowline/providers/sample';
import { placeholders } from '@bowline/providers/template';
import { quirkOf } from '../../src/credentials/quirks/quirks.ts';
import { begins, fieldsOf, given, leftOver, scopeOf, secretsIn } from './looks.ts';
import { clientId, code, redirectUri, state, type Trace } from './perform.ts';
import type { Asked } from './recorder.ts';
import { secretOf, token } from './synthetic.ts';

/** What is wrong with the requests of one entry. */
export function judge(provider: Provider, trace: Trace): string[] {
  const all = [
    ...trace.before,
    ...trace.exchange,
    ...(trace.renewal ?? []),
    ...(trace.proxied ? [trace.proxied] : []),
    ...(trace.tried ?? []),
  ];
  return [
    ...all.flatMap((asked) => leftOver(asked).map((text) => `${asked.method} ${asked.url.host}: ${text} was left in the request`)),
    ...(trace.authorize ? named('authorize', consent(provider, trace.authorize, trace.kept)) : []),
    ...named('token request', exchange(provider, trace)),
    ...named('refresh', renewal(provider, trace)),
    ...named('proxied request', proxied(provider, trace)),
    ...named('verification', tried(provider, trace)),
  ];
}

const named = (what: string, wrong: readonly (string | false | undefined)[]) => wrong.filter(Boolean).map((text) => `${what}: ${text}`);

/** RFC 6749 §4.1.1, RFC 7636 §4.3; RFC 5849 §2.2. */
function consent(provider: Provider, url: URL, kept: Trace['kept']) {
  const text = url.href.replace(/#[^?]*\?/, '?'); // some have their query in the fragment
  const query = new URL(text).searchParams;
  const template = given(provider, 'authorization_url');
  const place = [
    template !== undefined &&
      !begins(template, template.includes('#') ? url.href.replace(url.search, '') : url.href.replace(/#[^?]*/, '')) &&
      `${url.host} is not where authorization_url leads`,
    ...leftInUrl(url),
  ];
  if (provider.auth_mode === 'OAUTH1')
    return [...place, query.get('oauth_token') !== token.access && 'oauth_token is not the temporary one'];
  if (provider.auth_mode !== 'OAUTH2' && provider.auth_mode !== 'MCP_OAUTH2') return place;
  // Some call it otherwise, and their entry renames it in the finished URL.
  const renames = JSON.stringify(provider.authorization_url_replacements ?? {});
  const expected: [string, string][] = [
    [
      'client_id',
      provider.auth_mode === 'MCP_OAUTH2' && provider.client_registration === 'cimd' ? 'https://connect.example.com/client.json' : clientId,
    ],
    ...(namesCallback(provider) ? [] : [['redirect_uri', redirectUri] satisfies [string, string]]),
    ['state', state],
  ];
  const challenge = kept.codeVerifier === undefined ? null : createHash('sha256').update(kept.codeVerifier).digest('base64url');
  const scope = scopeOf(provider);
  return [
    ...place,
    ...expected.map(
      ([name, value]) => !renames.includes(name) && query.get(name) !== value && `${name} is ${query.get(name)} and not ${value}`,
    ),
    !renames.includes('response_type') &&
      !/(?:^|[ _])code(?: |$)/.test(query.get('response_type') ?? '') &&
      'response_type asks for no code',
    !renames.includes('scope') && query.get('scope') !== scope && `scope is ${query.get('scope')} and not ${scope}`,
    query.get('code_challenge') !== challenge && 'code_challenge is not that of the verifier',
    challenge !== null && query.get('code_challenge_method') !== 'S256' && 'code_challenge_method is not S256',
    'disable_pkce' in provider && provider.disable_pkce && challenge !== null && 'a challenge although disable_pkce',
    ...Object.entries(provider.authorization_params ?? {}).map(
      ([name, value]) => !value.includes('${') && query.get(name) !== value && !renames.includes(name) && `${name} is not ${value}`,
    ),
  ];
}

/** One vendor wants a name in place of our address; then its token requests, made by a quirk, name it too. */
const namesCallback = (provider: ProviderOf<'OAUTH2' | 'MCP_OAUTH2'>) =>
  provider.authorization_params?.redirect_uri?.includes('${') === true && quirkOf(provider).exchange !== undefined;

const leftInUrl = (url: URL) => leftOver({ method: 'GET', url, headers: {}, body: '' }).map((text) => `${text} was left in the URL`);

/** RFC 6749 §4.1.3, §4.4.2; RFC 7636 §4.5; RFC 5849 §2.3; RFC 7523 §2.2. */
function exchange(provider: Provider, trace: Trace) {
  const [first] = trace.exchange;
  const template = given(provider, 'token_url');
  if (!first) return [template !== undefined && !given(provider, 'installation') && !hasOwnSignIn(provider) && 'none was made'];
  if (hasOwnSignIn(provider)) return [];
  const fields = fieldsOf(first);
  const place = template !== undefined && !begins(template, first.url.href) && `${first.url.href} is not token_url`;
  switch (provider.auth_mode) {
    case 'OAUTH2':
    case 'MCP_OAUTH2': {
      if (quirkOf(provider).exchange) return [place];
      return [
        place,
        ...form(provider, first),
        ...differing(fields, {
          grant_type: 'authorization_code',
          code,
          redirect_uri: given(provider, 'installation') === undefined ? redirectUri : undefined,
          code_verifier: trace.kept.codeVerifier,
        }),
        ...clientOf(provider, first, { id: clientId, secret: secretOf(provider) }),
      ];
    }
    case 'OAUTH2_CC': {
      const { credentials } = trace.access;
      const client =
        credentials.type === 'OAUTH2_CC' ? { id: credentials.client_id, secret: credentials.client_secret } : { id: '', secret: '' };
      return [
        place,
        ...form(provider, first),
        ...differing(fields, { grant_type: provider.token_params?.grant_type ?? 'client_credentials' }),
        ...clientOf(provider, first, client),
      ];
    }
    case 'OAUTH1':
      return [place, ...oauth1Header(first, provider.signature_method, token.access)];
    case 'TWO_STEP':
      return [place, ...form(provider, first), ...carriesEntered(trace)];
    default:
      return [place];
  }
}

/** Those that go through servers of which the entry says nothing. */
const hasOwnSignIn = ({ auth_mode }: Provider) => auth_mode === 'MCP_OAUTH2_GENERIC' || auth_mode === 'AWS_SIGV4' || auth_mode === 'CUSTOM';

/** RFC 6749 §6: the refresh token, with the client's authentication again. */
function renewal(provider: Provider, { renewal: asked, access }: Trace) {
  const [first] = asked ?? [];
  if (!first || hasOwnSignIn(provider)) return [];
  const template = given(provider, 'refresh_url') ?? given(provider, 'token_url');
  const place = template !== undefined && !begins(template, first.url.href) && `${first.url.href} is neither refresh_url nor token_url`;
  if (provider.auth_mode !== 'OAUTH2' && provider.auth_mode !== 'MCP_OAUTH2')
    return [place && !begins(given(provider, 'token_url') ?? '', first.url.href) && place];
  if (quirkOf(provider).refresh || quirkOf(provider).renews) return [];
  const own = access.credentials.type === 'OAUTH2' ? access.credentials.refresh_token : undefined;
  return [
    place,
    ...form(provider, first),
    ...differing(fieldsOf(first), { grant_type: 'refresh_token', refresh_token: own }),
    ...clientOf(provider, first, { id: clientId, secret: secretOf(provider) }),
  ];
}

function differing(fields: Readonly<Record<string, string>>, expected: Readonly<Record<string, string | undefined>>): (string | false)[] {
  return Object.entries(expected).map(([name, value]) => fields[name] !== value && `${name} is ${fields[name]} and not ${value}`);
}

/** The body is written in the format that its content type says, which is the entry's. */
function form(provider: Provider, { method, headers, body, url }: Asked): (string | false)[] {
  const format = given(provider, 'body_format') ?? (provider.auth_mode === 'TWO_STEP' ? 'json' : 'form');
  if (method === 'GET' || format === 'query') return [body !== '' && 'a body although everything is in the query'];
  const type = headers['content-type'] ?? '';
  const isJson = /^[[{]/.test(body);
  return [
    body === '' && !url.search && 'it is empty',
    body !== '' && format === 'json' && !(isJson && type.includes('json')) && `${type} is not JSON`,
    body !== '' && format === 'form' && (isJson || !type.startsWith('application/x-www-form-urlencoded')) && `${type} is not a form`,
    body !== '' && format === 'xml' && !(body.startsWith('<') && type.includes('xml')) && `${type} is not XML`,
  ];
}

type Client = { readonly id: string; readonly secret: string };

/** RFC 6749 §2.3.1: in the header or in the body, not in both; a public client in neither. The pair in Basic is form-encoded there. */
function clientOf(provider: Provider, asked: Asked, client: Client): (string | false)[] {
  const fields = fieldsOf(asked);
  const pair = Buffer.from(/^Basic (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const inHeader = pair.startsWith(`${client.id}:`);
  const inBody = client.secret !== '' && Object.values(fields).includes(client.secret);
  const method = given(provider, 'token_request_auth_method');
  const isPublic = method === 'none' || method === 'private_key_jwt' || given(provider, 'client_registration') === 'cimd';
  if (isPublic) return [(inHeader || inBody) && 'a secret although the client has none'];
  if (given(provider, 'authorization_method') === 'header') {
    const encoded = `${encode(client.id)}:${encode(client.secret)}`;
    return [pair !== encoded && 'no Basic of the form-encoded client', inBody && 'the secret is in the header and in the body'];
  }
  // As vendors that want the pair raw accept; they are told apart by this key alone.
  if (method === 'basic') return [pair !== `${client.id}:${client.secret}` && 'no Basic of the client'];
  return [!inHeader && !inBody && 'the client does not authenticate', inHeader && inBody && 'the secret is in the header and in the body'];
}

const encode = (text: string) => new URLSearchParams({ v: text }).toString().slice(2);

/** RFC 5849 §3.5.1. */
function oauth1Header({ headers }: Asked, method: string, token: string): (string | false)[] {
  const text = headers.authorization ?? '';
  const fields = Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
  const needed = ['oauth_consumer_key', 'oauth_signature', 'oauth_timestamp', 'oauth_nonce'];
  return [
    !text.startsWith('OAuth ') && 'it is not signed',
    ...needed.map((name) => !fields[name] && `${name} is missing`),
    fields.oauth_signature_method !== method && `it is signed by ${fields.oauth_signature_method} and not ${method}`,
    fields.oauth_token !== token && 'oauth_token is another',
  ];
}

/** Somewhere in the requests is what the person entered, or what was signed with it. */
function carriesEntered({ exchange: asked, access }: Trace): (string | false)[] {
  const entered = secretsIn(access, { without: [token.access, token.refresh] });
  const isSigned = asked.some(({ body, headers }) =>
    /eyJ[\w-]+\.[\w-]+\.[\w-]+|<\/?[\w:]*Signature|PHNhbWw/.test(body + JSON.stringify(headers)),
  );
  return [!isSigned && !asked.some((one) => entered.some((secret) => holds(one, secret))) && 'nothing that was entered is in it'];
}

function proxied(provider: Provider, { proxied: asked, access }: Trace) {
  if (!provider.proxy?.base_url) return [];
  if (!asked) return ['none was made'];
  return [
    !begins(provider.proxy.base_url, asked.url.href) && `${asked.url.href} is not below proxy.base_url`,
    !asked.url.pathname.endsWith('/probe/path') && `${asked.url.pathname} does not end with the path that was called`,
    ...Object.entries(provider.proxy.headers ?? {}).map(([name, value]) => headerWrong(provider, asked, [name, value])),
    ...authenticated(provider, asked, access),
  ];
}

/** One whose field is optional, or that an alternative replaces, may be left out. */
function headerWrong(provider: Provider, { headers }: Asked, [name, template]: readonly [string, string]): string | false {
  if (!template.includes('${')) return headers[name] !== template && `${name} is ${headers[name]} and not ${template}`;
  const mayLack = placeholders(template).some((read) => read.startsWith('metadata.') || (fieldOf(provider, read)?.field.optional ?? false));
  return headers[name] === undefined && !mayLack && !template.includes('||') && `${name} is missing`;
}

/** The credentials of the connection are in it, as they are, inside Basic, or by a signature made with them. */
function authenticated({ auth_mode, proxy }: Provider, asked: Asked, access: Trace['access']): (string | false)[] {
  if (auth_mode === 'NONE') return [];
  if (auth_mode === 'TBA' || auth_mode === 'OAUTH1') return [!asked.headers.authorization?.startsWith('OAuth ') && 'it is not signed'];
  if (auth_mode === 'AWS_SIGV4') return [!asked.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') && 'it is not signed'];
  const isSigned = Object.values(proxy?.headers ?? {}).some((template) => /\$\{(?:hmac|sha256|ed25519|awsSigV4)/.test(template));
  const secrets = secretsIn(access);
  return [!isSigned && secrets.length > 0 && !secrets.some((secret) => holds(asked, secret)) && 'no credential is in it'];
}

/** As text, inside any base64, or encoded for a URL. */
function holds({ url, headers, body }: Asked, secret: string): boolean {
  const text = [url.href, decodeURIComponent(url.href.replace(/%(?![0-9a-f]{2})/gi, '%25')), body, ...Object.values(headers)].join('\n');
  const decoded = [...text.matchAll(/[A-Za-z0-9+/_=-]{8,}/g)].map(([part]) => Buffer.from(part, 'base64').toString('utf8'));
  return [text, ...decoded, new URLSearchParams(body).toString(), [...new URLSearchParams(body).values()].join('\n')].some((one) =>
    one.includes(secret),
  );
}

function tried(provider: Provider, { tried: asked, access }: Trace) {
  const verification = provider.proxy?.verification;
  if (!verification || quirkless(provider)) return [];
  const [first] = asked ?? [];
  if (!first) return ['none was made'];
  const base = (verification.base_url_override ?? provider.proxy?.base_url ?? '').split('||');
  const isThere = verification.endpoints.some((endpoint) =>
    base.some((side) => begins(side.trim().replace(/\/+$/, '') + endpoint, first.url.href)),
  );
  return [
    !isThere && `${first.url.href} is not the endpoint below the base URL`,
    first.method !== (verification.method ?? 'GET') && `it is ${first.method}`,
    ...authenticated(provider, first, access),
  ];
}

/** Credentials that a vendor's own script tries. */
const quirkless = ({ credentials_verification_script: script }: Provider) => script !== undefined;
