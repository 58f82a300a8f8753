// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
/**
 * Every entry of the catalogue, tried: the authorize URL, the token request, its renewal, a call and the verification, made by the platform's own
 * code of made-up values, are what the RFCs and the entry say. Once with every field filled, once with only what a person must fill.
 */
import { loadCatalogue } from '@bowline/providers/catalogue';
import { refuseDefinition } from '@bowline/providers/gates/refuse';
import { type Provider, providerDefinition } from '@bowline/providers/provider';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { perform } from './perform.ts';
import { judge } from './rules.ts';
import type { Fill } from './synthetic.ts';

const fills: readonly Fill[] = ['all', 'required'];

/** What is wrong with an entry: what the platform refuses, or what its requests are. */
async function wrongs(provider: Provider): Promise<string[]> {
  const found = fills.map(async (fill) => {
    const said = await perform(provider, fill).then(
      (trace) => judge(provider, trace),
      (error: unknown) => [error instanceof Error ? error.message : String(error)],
    );
    return said.map((text) => `${text} (${fill} fields filled)`);
  });
  return (await Promise.all(found)).flat();
}

describe('every entry makes requests that its provider understands', () => {
  test.each(
    loadCatalogue()
      .list()
      .map((provider) => [provider.name, provider] as const),
  )('%s', async (_, provider) => {
    expect(await wrongs(provider)).toEqual([]);
  });
});

const oauth2 = `
auth_mode: OAUTH2
authorization_url: https://acme.example.com/authorize
token_url: https://acme.example.com/token
proxy: { base_url: "https://api.acme.example.com" }
`;
const clientCredentials = `
auth_mode: OAUTH2_CC
token_url: https://acme.example.com/token
proxy: { base_url: "https://api.acme.example.com" }
credentials:
  client_id: { type: string, title: A, description: B, example: my-client }
  client_secret: { type: string, title: A, description: B, secret: true }
`;
const key = `
auth_mode: API_KEY
proxy: { base_url: "https://api.acme.example.com", headers: { x-key: "\${apiKey}" }, verification: { endpoints: [/me] } }
credentials:
  apiKey: { type: string, title: A, description: B, secret: true }
`;
const twoStep = `
auth_mode: TWO_STEP
token_url: https://acme.example.com/sign-in
token_params: { user: "\${credentials.user}" }
token_response: { token: session.token }
proxy: { base_url: "https://api.acme.example.com" }
credentials:
  user: { type: string, title: A, description: B, example: someone }
`;
const oauth1 = `
auth_mode: OAUTH1
request_url: https://acme.example.com/request
authorization_url: https://acme.example.com/authorize
token_url: https://acme.example.com/access
signature_method: HMAC-SHA1
proxy: { base_url: "https://api.acme.example.com" }
`;

/** A sound entry with keys over it, key by key. */
function entry(sound: string, over: string): Provider {
  const merged = {
    display_name: 'Acme',
    categories: ['other'],
    docs: 'https://acme.example.com',
    ...Object(parse(sound)),
    ...Object(parse(over)),
  };
  return { ...providerDefinition.parse(merged), name: 'acme' };
}

describe('an entry that a provider would not understand is refused', () => {
  test.each([oauth2, clientCredentials, key, twoStep, oauth1])('a sound one is not (%#)', async (sound) => {
    expect(await wrongs(entry(sound, '{}'))).toEqual([]);
    expect(refuseDefinition(entry(sound, '{}'))).toEqual([]);
  });

  test.each<[string, string, string, RegExp]>([
    [
      'a placeholder in braces of another kind',
      oauth2,
      'authorization_url: "https://acme.example.com/{tenant}/authorize"',
      /%7Btenant%7D was left in the URL/,
    ],
    ['a placeholder that is never closed', oauth2, 'token_params: { audience: "${clientId" }', /\$\{clientId|%24%7B.* was left/],
    [
      'the word undefined in a header',
      key,
      'proxy: { base_url: "https://a.example.com", headers: { authorization: "Bearer undefined", x-key: "${apiKey}" } }',
      /undefined was left/,
    ],
    ['a response type without a code', oauth2, 'authorization_params: { response_type: token }', /response_type asks for no code/],
    [
      'another redirect_uri',
      oauth2,
      'authorization_params: { redirect_uri: "https://elsewhere.example.com" }',
      /redirect_uri is https:\/\/elsewhere/,
    ],
    ['a state of its own', oauth2, 'authorization_params: { state: fixed }', /state is fixed/],
    [
      'a challenge of its own with PKCE off',
      oauth2,
      '{ disable_pkce: true, authorization_params: { code_challenge: abc } }',
      /code_challenge is not that/,
    ],
    ['a scope that replaces the one asked for', oauth2, 'authorization_params: { scope: everything }', /scope is everything and not/],
    [
      'a renamed host',
      oauth2,
      'authorization_url_replacements: { "acme.example.com": "other.example.com" }',
      /other.example.com is not where/,
    ],
    ['another code', oauth2, 'authorization_code_param_in_callback: state', /code is state-/],
    [
      'a renewal with the grant of a code',
      oauth2,
      'refresh_params: { grant_type: authorization_code }',
      /refresh: grant_type is authorization_code/,
    ],
    [
      'the secret in header and body',
      oauth2,
      '{ authorization_method: header, token_params: { client_secret: "${clientSecret}" } }',
      /in the header and in the body/,
    ],
    [
      'a public client that sends its secret',
      oauth2,
      '{ token_request_auth_method: none, token_params: { client_secret: "${clientSecret}" } }',
      /a secret although/,
    ],
    ['a form that says it is JSON', oauth2, 'token_headers: { content-type: application/json }', /application\/json is not a form/],
    [
      'JSON that says it is a form',
      clientCredentials,
      '{ body_format: json, token_headers: { content-type: application/x-www-form-urlencoded } }',
      /is not JSON/,
    ],
    ['a client that says nothing of its secret', clientCredentials, 'token_request_auth_method: private_key_jwt', /private|key|secret/],
    [
      'a parameter that only an optional field fills, without that being so',
      clientCredentials,
      '{ token_params: { account: "${connectionConfig.account}" }, connection_config: { account: { type: string, title: A, description: B, automated: true } } }',
      /no value for connectionConfig.account/,
    ],
    ['a key that is sent nowhere', key, 'proxy: { base_url: "https://api.acme.example.com" }', /no credential is in it/],
    [
      'a key in the body of what is read',
      key,
      'proxy: { base_url: "https://a.example.com", query: { key: "${metadata.key}" } }',
      /no credential is in it/,
    ],
    [
      'a base URL that an optional field makes',
      key,
      '{ proxy: { base_url: "https://${connectionConfig.site}.example.com", headers: { x-key: "${apiKey}" } }, connection_config: { site: { type: string, title: A, description: B, example: acme, optional: true } } }',
      /base URL cannot be built.*required fields/,
    ],
    [
      'a header that cannot be filled',
      key,
      'proxy: { base_url: "https://a.example.com", headers: { x-key: "${apiKey}", x-user: "${credentials.username}" } }',
      /x-user is missing/,
    ],
    [
      'a verification without the credentials',
      key,
      'proxy: { base_url: "https://a.example.com", body: { key: "${apiKey}" }, verification: { endpoints: [/me] } }',
      /verification: no credential is in it/,
    ],
    [
      'a verification of what nobody fills',
      key,
      '{ proxy: { base_url: "https://a.example.com", headers: { x-key: "${apiKey}" }, verification: { endpoints: ["/v1/${connectionConfig.site}/me"] } }, connection_config: { site: { type: string, title: A, description: B, example: acme, optional: true } } }',
      /is not the endpoint/,
    ],
    ['a sign-in without what was entered', twoStep, 'token_params: { user: fixed }', /nothing that was entered is in it/],
    [
      'a token that is read from elsewhere',
      twoStep,
      '{ token_response: { token: session.token }, proxy: { base_url: "https://a.example.com", headers: { x-session: "${credentials.session}" } } }',
      /x-session is missing/,
    ],
    [
      'a step that reads what no step answers',
      twoStep,
      'additional_steps: [{ token_url: "https://acme.example.com/${step2.id}" }]',
      /cannot be built/,
    ],
    [
      'a consent page elsewhere than its token',
      oauth1,
      'authorization_params: { oauth_token: other }',
      /oauth_token is not the temporary one/,
    ],
  ])('%s', async (_, sound, over, message) => {
    expect(await wrongs(entry(sound, over))).toContainEqual(expect.stringMatching(message));
  });
});
