/** Connecting with what the person typed: which credentials go to which route, as a table. The first row that fits wins. */
import { type Api, callApi } from './api.ts';
import { AuthError } from './auth-error.ts';
import type { AuthOptions, AuthResult } from './options.ts';

type Given = Readonly<Record<string, unknown>>;
type Form = {
  fits: (given: Given, options: AuthOptions) => boolean;
  path: string;
  body: (given: Given, options: AuthOptions) => Given;
};

const forms: readonly Form[] = [
  {
    fits: ({ type }) => type === 'TWO_STEP',
    path: '/auth/two-step',
    body: (given, { assertionOption }) => ({ ...given, ...(assertionOption ? { assertionOption } : {}) }),
  },
  {
    fits: (given) => given.type === 'SIGNATURE' && has(given, 'username', 'password'),
    path: '/auth/signature',
    body: only('type', 'username', 'password'),
  },
  {
    fits: (given) => given.type === 'AWS_SIGV4' && has(given, 'role_arn'),
    path: '/auth/aws-sigv4',
    body: only('role_arn', 'region'),
  },
  {
    fits: (given) => has(given, 'username', 'password', 'organization_id', 'dev_key'),
    path: '/auth/bill',
    body: only('username', 'password', 'organization_id', 'dev_key'),
  },
  { fits: (given) => has(given, 'apiKey'), path: '/api-auth/api-key', body: only('apiKey') },
  {
    fits: (given) => has(given, 'username') || has(given, 'password'),
    path: '/api-auth/basic',
    body: ({ username = '', password = '' }) => ({ username, password }),
  },
  { fits: (given) => has(given, 'privateKey') || given.type === 'JWT', path: '/auth/jwt', body: (given) => given },
  {
    fits: (given) => has(given, 'token_id', 'token_secret'),
    path: '/auth/tba',
    body: only('token_id', 'token_secret', 'oauth_client_id_override', 'oauth_client_secret_override'),
  },
  {
    fits: (given) => has(given, 'client_id') && (has(given, 'client_secret') || has(given, 'client_private_key')),
    path: '/oauth2/auth',
    body: only('client_id', 'client_secret', 'client_certificate', 'client_private_key'),
  },
  { fits: (_given, { installation }) => installation === 'outbound', path: '/auth/oauth-outbound', body: () => ({}) },
];

/** An OAuth client of the person's own still needs the page of the provider; everything else that is typed does not. */
export function needsNoPopup({ credentials, installation }: AuthOptions): boolean {
  if (installation === 'outbound') return true;
  const given: Given = { ...credentials };
  if (Object.keys(given).length === 0) return false;
  return has(given, 'token_id', 'token_secret') || !has(given, 'oauth_client_id_override', 'oauth_client_secret_override');
}

/** @throws AuthError with the server's code, or `missing_credentials` */
export async function submit(api: Api, key: string, options: AuthOptions): Promise<AuthResult> {
  const given: Given = { ...options.credentials };
  if (!options.credentials) throw new AuthError('This needs credentials', 'missing_credentials');
  const form = forms.find(({ fits }) => fits(given, options));
  if (!form) {
    const names = Object.keys(given).join(', ');
    throw new AuthError(`No way to connect takes these credentials: ${names}. See the list of the provider`, 'missing_credentials');
  }
  return post(api, `${form.path}/${encodeURIComponent(key)}`, form.body(given, options), options);
}

/** For APIs that need no credentials. */
export function submitNothing(api: Api, key: string, options: AuthOptions): Promise<AuthResult> {
  return post(api, `/auth/unauthenticated/${encodeURIComponent(key)}`, {}, options);
}

async function post(api: Api, path: string, body: Given, { params = {}, signal }: AuthOptions): Promise<AuthResult> {
  const query = Object.entries(params).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[`params[${name}]`, value]] : [],
  );
  const sent = Object.keys(body).length > 0 ? body : undefined;
  const answer = await callApi(api, { method: 'POST', path, query, body: sent, signal });
  return { ok: true, ...(answer as Omit<AuthResult, 'ok'>) }; // by the contract of each of these routes
}

function has(given: Given, ...names: string[]): boolean {
  return names.every((name) => given[name] !== undefined && given[name] !== '');
}

function only(...names: string[]): (given: Given) => Given {
  return (given) => Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}
