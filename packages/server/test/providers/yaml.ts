/** What the tests of an environment's own providers share: definitions as people write them. */
import type { Answer, Platform } from '../platform.ts';

const head = (name: string) => `display_name: ${name}\ncategories: [other]\ndocs: https://docs.example.test/api\n`;

/** With an API key in a header. @param more further lines */
export const apiKeyYaml = (api: string, more = '') => `# Our stock system
${head('Acme ERP')}auth_mode: API_KEY
credentials:
  apiKey:
    type: string
    title: API key
    description: Made under Settings, API.
    secret: true
proxy:
  base_url: ${api}
  headers:
    x-api-key: \${apiKey}
${more}`;

export const noneYaml = (api: string, more = '') => `${head('Open data')}auth_mode: NONE\nproxy:\n  base_url: ${api}\n${more}`;

export const oauthYaml = (api: string, more = '') => `${head('Acme CRM')}auth_mode: OAUTH2
authorization_url: ${api}/authorize
token_url: ${api}/token
scope_separator: ' '
default_scopes: [read, write]
proxy:
  base_url: ${api}
${more}`;

export const put = ({ call }: Pick<Platform, 'call'>, name: string, yaml: string, query = ''): Promise<Answer> =>
  call('PUT', `/providers/${name}${query}`, { yaml });

/** Saves it, or fails the test with what is wrong. */
export async function define(platform: Pick<Platform, 'call'>, name: string, yaml: string): Promise<Answer> {
  const answer = await put(platform, name, yaml);
  if (answer.status !== 200) throw new Error(`${name} was refused: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** An integration of that name. */
export async function integrate({ call }: Pick<Platform, 'call'>, provider: string, more: object = {}): Promise<void> {
  const answer = await call('POST', '/integrations', { unique_key: provider, provider, ...more });
  if (answer.status !== 200) throw new Error(`no integration of ${provider}: ${JSON.stringify(answer.body)}`);
}
