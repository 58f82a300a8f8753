/** A provider of each way to connect, as files of the catalogue, and the integrations of them. Their API and their sign-in are one server of the test's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const field = (title: string, more: object = {}) => ({ type: 'string', title, description: '', ...more });
const secret = (title: string, more: object = {}) => field(title, { secret: true, ...more });
const oauth = (url: string) => ({ authorization_url: `${url}/authorize`, token_url: `${url}/token`, proxy: { base_url: url } });

/** By name: `display_name` is made of it. */
const definitions = (url: string): Record<string, object> => ({
  'checked-key': {
    auth_mode: 'API_KEY',
    docs_connect: 'https://docs.example.com/connect',
    credentials: { apiKey: secret('Access key', { description: 'Under settings, API access.', doc_section: '#step-2' }) },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the catalogue's own placeholder
    proxy: { base_url: url, headers: { 'x-key': '${apiKey}' }, verification: { endpoints: ['/me'] } },
  },
  'user-and-password': { auth_mode: 'BASIC', proxy: { base_url: url } },
  'service-account': { auth_mode: 'OAUTH2_CC', token_url: `${url}/token`, proxy: { base_url: url } },
  'service-certificate': { auth_mode: 'OAUTH2_CC', token_url: `${url}/token`, require_client_certificate: true, proxy: { base_url: url } },
  tokens: { auth_mode: 'TBA', proxy: { base_url: url } },
  'signed-token': {
    auth_mode: 'JWT',
    credentials: { keyId: field('Key ID'), privateKey: secret('Private key') },
    signature: { protocol: 'RSA' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the catalogue's own placeholder
    token: { expires_in_ms: 60_000, signing_key: '${credentials.privateKey}' },
    proxy: { base_url: url },
  },
  'two-steps': {
    auth_mode: 'TWO_STEP',
    integration_config: {
      partnerId: field('Partner ID', { optional: true }),
      partnerKey: field('Partner key', { secret: true, optional: true }),
    },
    credentials: { username: field('User'), password: secret('Password') },
    assertion_option: { certificate: field('Certificate', { description: 'Used once and not stored.' }) },
    token_url: `${url}/token`,
    token_response: { token: 'access_token' },
    proxy: { base_url: url },
  },
  'bill-like': { auth_mode: 'BILL', token_url: `${url}/token`, proxy: { base_url: url } },
  'wsse-like': { auth_mode: 'SIGNATURE', signature: { protocol: 'WSSE' }, token: { expires_in_ms: 60_000 }, proxy: { base_url: url } },
  'cloud-role': {
    auth_mode: 'AWS_SIGV4',
    connection_config: { region: field('Region', { enum: ['eu-central-1', 'us-east-1'] }) },
    proxy: { base_url: url },
  },
  'any-mcp': { auth_mode: 'MCP_OAUTH2_GENERIC' },
  sign: {
    ...oauth(url),
    auth_mode: 'OAUTH2',
    connection_config: {
      subdomain: field('Subdomain', {
        description: 'What comes before the rest of your address.',
        example: 'acme',
        pattern: '^[a-z0-9-]+$',
        prefix: 'https://',
        suffix: '.example.com',
      }),
      region: field('Region', { enum: ['Europe', 'America'] }),
      team: field('Team', { optional: true }),
    },
  },
  plain: { ...oauth(url), auth_mode: 'OAUTH2' },
  broken: { ...oauth(url), token_url: `${url}/refusing-token`, auth_mode: 'OAUTH2' },
  installed: {
    ...{ ...oauth(url), auth_mode: 'OAUTH2', installation: 'outbound', authorization_code_param_in_webhook: 'code' },
    connection_config: { actor: { type: 'string', title: 'Your number there', description: 'Of the person who will install it.' } },
  },
  nothing: { auth_mode: 'NONE', proxy: { base_url: url } },
});

export const names = Object.keys(definitions(''));
export const titleOf = (name: string) => name.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());

/** @returns the folder, to be handed to the platform's start */
export function writeCatalogue(folder: string, url: string): string {
  const target = join(folder, 'catalogue');
  mkdirSync(target, { recursive: true });
  for (const [name, definition] of Object.entries(definitions(url))) {
    const whole = { display_name: titleOf(name), categories: ['other'], docs: 'https://docs.example.com', ...definition };
    writeFileSync(join(target, `${name}.yaml`), JSON.stringify(whole)); // JSON is YAML
  }
  return target;
}

/** Modes whose integration holds an app that its developer registered. */
const registered: Record<string, string> = { sign: 'OAUTH2', plain: 'OAUTH2', broken: 'OAUTH2', installed: 'OAUTH2', tokens: 'TBA' };
export function integrationOf(name: string): object {
  const type = registered[name];
  return {
    provider: name,
    unique_key: name,
    ...(type ? { credentials: { type, client_id: 'client', client_secret: 'secret' } } : {}),
    ...(name === 'two-steps' ? { integration_config: { partnerId: 'p-1' } } : {}),
  };
}
