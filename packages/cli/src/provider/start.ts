/** Where a provider starts without a document: a file for each common way to connect, complete and with what to replace marked. */
import { exitCodes, Failure } from '../failure.ts';
import type { Draft } from '../openapi/draft.ts';
import { createNotes } from '../openapi/notes.ts';
import { titleOf } from '../openapi/servers.ts';

type Start = {
  readonly about: string;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly proxy?: Readonly<Record<string, unknown>>;
  readonly checks: Readonly<Record<string, string>>;
};

const placeholder = (name: string): string => `\${${name}}`;
const verification = { verification: { endpoints: ['/me'] } };
const verify = {
  'proxy.verification': 'a GET that changes nothing and that working credentials are answered with 2xx; remove it if there is none.',
};
const addresses = { token_url: 'the vendor’s addresses.' };

const mcpServerUrl = {
  type: 'string',
  title: 'Server URL',
  description: 'The https address of the MCP server.',
  default_value: 'https://mcp.example.com/mcp',
  pattern: '^https://[a-zA-Z0-9.-]+(?::[0-9]+)?(?:/.*)?$',
  hidden: true,
};

/** By the word after `--kind`. */
const starts: Readonly<Record<string, Start>> = {
  oauth2: {
    about: 'people sign in at the provider and consent (OAuth 2)',
    keys: {
      auth_mode: 'OAUTH2',
      authorization_url: 'https://login.example.com/oauth2/authorize',
      token_url: 'https://login.example.com/oauth2/token',
      default_scopes: ['read'],
    },
    checks: {
      authorization_url: 'the vendor’s addresses.',
      default_scopes:
        'asked for where an integration names none. offline_access or the like, where the vendor wants it for refresh tokens.',
    },
  },
  'oauth2-cc': {
    about: 'a client id and secret are exchanged for a token (OAuth 2 client credentials)',
    keys: {
      auth_mode: 'OAUTH2_CC',
      token_url: 'https://login.example.com/oauth2/token',
      token_params: { grant_type: 'client_credentials' },
      credentials: {
        client_id: { type: 'string', title: 'Client ID', description: 'Where people find it at the vendor.' },
        client_secret: { type: 'string', title: 'Client secret', description: 'Where people find it at the vendor.', secret: true },
      },
    },
    checks: addresses,
  },
  'api-key': {
    about: 'people paste a key',
    keys: {
      auth_mode: 'API_KEY',
      credentials: { apiKey: { type: 'string', title: 'API key', description: 'Where people find it at the vendor.', secret: true } },
    },
    proxy: { headers: { authorization: `Bearer ${placeholder('apiKey')}` }, ...verification },
    checks: { 'proxy.headers.authorization': 'the header the vendor wants, or proxy.query for a parameter.', ...verify },
  },
  basic: {
    about: 'people enter a user name and a password',
    keys: {
      auth_mode: 'BASIC',
      credentials: {
        username: { type: 'string', title: 'User name', description: 'The name people sign in with.' },
        password: { type: 'string', title: 'Password', description: 'The password that goes with it.', secret: true },
      },
    },
    proxy: verification,
    checks: verify,
  },
  mcp: {
    about: 'an MCP server with OAuth, everything else discovered from its address',
    keys: {
      auth_mode: 'MCP_OAUTH2_GENERIC',
      connection_config: { mcp_server_url: mcpServerUrl },
    },
    proxy: { base_url: placeholder('connectionConfig.mcp_server_url'), headers: { accept: 'application/json, text/event-stream' } },
    checks: { 'connection_config.mcp_server_url': 'the address; without hidden, people may enter their own.' },
  },
};

export const kindNames = Object.keys(starts);
export const describeKinds = (): string[] => Object.entries(starts).map(([name, { about }]) => `${name.padEnd(9)}  ${about}`);

/**
 * @param mcpServer the address of the MCP server, where it is known
 * @throws Failure for a kind there is not
 */
export const startProvider = (kind: string, name: string, mcpServer?: string): Draft => {
  const start = starts[kind];
  if (!start) throw new Failure(exitCodes.usage, `There is no kind ${kind}. Choose one of ${kindNames.join(', ')}.`);
  const notes = createNotes();
  const { credentials, connection_config, ...keys } = start.keys;
  notes.check('categories', 'what the product is for, such as crm, payment, support.');
  for (const [path, comment] of Object.entries(start.checks)) notes.check(path, comment);
  if (start.proxy?.base_url === undefined) notes.check('proxy.base_url', 'what the paths of requests are appended to.');
  notes.check('docs', 'the vendor’s documentation of its API.');
  return {
    displayName: titleOf(name),
    content: {
      display_name: titleOf(name),
      categories: ['other'],
      ...keys,
      ...(connection_config
        ? { connection_config: { mcp_server_url: { ...mcpServerUrl, ...(mcpServer && { default_value: mcpServer }) } } }
        : {}),
      ...(credentials ? { credentials } : {}),
      proxy: { base_url: 'https://api.example.com', ...start.proxy },
      docs: 'https://docs.example.com',
    },
    notes,
    understood: { kind: `${kind}: ${start.about}` },
  };
};
