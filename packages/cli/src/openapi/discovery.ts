/**
 * A provider from what an authorization server publishes of itself: OpenID Connect Discovery or RFC 8414. It says how to sign in and not where
 * the API is. Pure.
 */
import { type Dict, list, text } from './document.ts';
import type { Draft, DraftOptions } from './draft.ts';
import { createNotes, type Notes } from './notes.ts';
import { trimEnd, unknownBaseUrl } from './servers.ts';

export const isDiscovery = (parsed: Dict): boolean => text(parsed.issuer) !== undefined && text(parsed.token_endpoint) !== undefined;

export const draftFromDiscovery = (parsed: Dict, { baseUrl }: Pick<DraftOptions, 'baseUrl'>): Draft => {
  const notes = createNotes();
  const issuer = text(parsed.issuer) ?? '';
  const displayName = nameOf(issuer);
  notes.check('display_name', 'made of the address; write the name that people know.');
  notes.check('categories', 'what the product is for, such as crm, payment, support.');
  notes.check(
    'docs',
    text(parsed.service_documentation) === undefined ? 'the vendor’s documentation of its API.' : 'as the authorization server names it.',
  );
  const people = text(parsed.authorization_endpoint) !== undefined;
  const keys = people ? ofPeople(parsed, issuer, notes) : ofMachines(parsed, notes);
  const address =
    baseUrl === undefined ? unknownBaseUrl('The authorization server does not say where the API is.', undefined, notes) : undefined;
  return {
    displayName,
    content: {
      display_name: displayName,
      categories: ['other'],
      ...keys,
      ...(address && { integration_config: address.integrationConfig }),
      ...(!people && { credentials: clientFields }),
      proxy: { base_url: address?.baseUrl ?? trimEnd(baseUrl ?? '') },
      docs: text(parsed.service_documentation) ?? issuer,
    },
    notes,
    understood: {
      document: `what ${issuer} publishes of itself`,
      address: address?.baseUrl ?? trimEnd(baseUrl ?? ''),
      auth: String(keys.auth_mode),
      client: describeClient(keys),
    },
  };
};

const ofPeople = (parsed: Dict, issuer: string, notes: Notes): Dict => {
  const methods = list(parsed.token_endpoint_auth_methods_supported);
  const challenges = parsed.code_challenge_methods_supported;
  const authorizationUrl = text(parsed.authorization_endpoint) ?? '';
  const namesItself = parsed.authorization_response_iss_parameter_supported === true && originOf(issuer) !== originOf(authorizationUrl);
  return {
    auth_mode: 'OAUTH2',
    authorization_url: authorizationUrl,
    token_url: text(parsed.token_endpoint),
    ...(namesItself && { issuer }),
    // Where it says nothing, Basic is what it means (RFC 8414 §2); the body is ours without a key.
    ...(!methods.includes('client_secret_post') && usesBasic(methods) && { authorization_method: 'header' }),
    ...(methods.length > 0 && methods.every((method) => method === 'none') && { token_request_auth_method: 'none' }),
    ...(Array.isArray(challenges) && !challenges.includes('S256') && { disable_pkce: true }),
    ...scopesOf(parsed, notes),
  };
};

const ofMachines = (parsed: Dict, notes: Notes): Dict => {
  const methods = list(parsed.token_endpoint_auth_methods_supported);
  return {
    auth_mode: 'OAUTH2_CC',
    token_url: text(parsed.token_endpoint),
    ...(!methods.includes('client_secret_post') && usesBasic(methods) && { token_request_auth_method: 'basic' }),
    token_params: { grant_type: 'client_credentials' },
    ...scopesOf(parsed, notes),
  };
};

const usesBasic = (methods: readonly unknown[]): boolean => methods.length === 0 || methods.includes('client_secret_basic');

/** Signing in, and staying so: what an API is asked for beyond that, its vendor must say. */
const scopesOf = (parsed: Dict, notes: Notes): Dict => {
  const all = list(parsed.scopes_supported).flatMap((scope) => text(scope) ?? []);
  const chosen = all.filter((scope) => scope === 'openid' || scope === 'offline_access');
  if (chosen.length > 0) notes.check('default_scopes', 'add what the API needs.');
  else notes.check('auth_mode', 'no scope is asked for unless an integration names it, or default_scopes does.');
  return { ...(chosen.length > 0 && { default_scopes: chosen }), ...(all.length > 0 && { available_scopes: all }) };
};

const clientFields = {
  client_id: { type: 'string', title: 'Client ID', description: 'The id of the client.' },
  client_secret: { type: 'string', title: 'Client secret', description: 'The secret that belongs to it.', secret: true },
};

const describeClient = (keys: Dict): string => {
  if (keys.token_request_auth_method === 'none') return 'without a secret, by PKCE';
  return keys.authorization_method === 'header' || keys.token_request_auth_method === 'basic'
    ? 'id and secret in a header'
    : 'id and secret in the body';
};

/** `https://login.acme.example/oauth` → `Acme` */
const nameOf = (issuer: string): string => {
  const parts = (URL.parse(issuer)?.hostname ?? '').split('.');
  const name = (/^[\d.]*$/.test(parts.join('')) ? undefined : parts.at(-2)) ?? parts[0] ?? '';
  return name === '' ? 'API' : name[0]?.toUpperCase() + name.slice(1);
};

const originOf = (url: string): string | undefined => URL.parse(url)?.origin;
