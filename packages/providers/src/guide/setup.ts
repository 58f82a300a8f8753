/** What a developer registers at the vendor before anybody can connect, by auth mode, with the exact addresses to enter there. Pure. */
import type { AuthModeName, Provider } from '../provider.ts';
import { type Block, code, type Line, link, note, paragraph, type Section, say } from './blocks.ts';
import type { GuidePlace } from './place.ts';
import { vendorOf } from './words.ts';

export type Setup = {
  /** The mode as people call it. */
  readonly mode: string;
  /** Whether the developer has to register anything. */
  readonly registers: boolean;
  readonly blocks: readonly Block[];
};

export function setupSection(provider: Provider, place: GuidePlace): Section {
  const { registers, blocks } = setupOf(provider, place);
  return { id: 'setup', title: registers ? `Set up at ${vendorOf(provider)}` : 'Set up', blocks };
}

export function setupOf(provider: Provider, place: GuidePlace): Setup {
  return modes[provider.auth_mode](provider, place);
}

type Mode = (provider: Provider, place: GuidePlace) => Setup;

const guideOf = ({ setup_guide_url: url }: Provider): Line => (url ? [' (', link('how to', url), ')'] : []);
const callback = ({ callbackUrl }: GuidePlace): Block => ({ kind: 'value', label: 'Callback URL', value: callbackUrl });
const setupUrl = ({ serverUrl }: GuidePlace): Block => ({ kind: 'value', label: 'Setup URL', value: `${serverUrl}/app-auth/connect` });
const webhookUrl = ({ webhookUrl: url }: GuidePlace): Block[] => (url ? [{ kind: 'value', label: 'Webhook URL', value: url }] : []);
const exactly = paragraph(say`It has to match letter by letter: scheme, host, port and path.`);

const isPublic = (provider: Provider) => 'token_request_auth_method' in provider && provider.token_request_auth_method === 'none';

const oauth2: Mode = (provider, place) => {
  const vendor = vendorOf(provider);
  const outbound = 'installation' in provider && provider.installation === 'outbound';
  if (outbound) return installedAtVendor(provider, place);
  const pkce = 'disable_pkce' in provider && provider.disable_pkce;
  const shown = isPublic(provider)
    ? say`Register an OAuth app at ${vendor}${guideOf(provider)} as a public client, one without a secret, and give it this callback URL.`
    : say`Register an OAuth app at ${vendor}${guideOf(provider)} and give it this callback URL.`;
  const enter = isPublic(provider)
    ? say`Then enter its client ID in the integration. Requests are protected with PKCE (S256).`
    : say`Then enter its client ID and client secret in the integration.${pkce ? '' : ' PKCE (S256) is used as well.'}`;
  return { mode: 'OAuth 2', registers: true, blocks: [paragraph(shown), callback(place), exactly, paragraph(enter)] };
};

const installedAtVendor: Mode = (provider, place) => ({
  mode: 'OAuth 2, installed at the vendor',
  registers: true,
  blocks: [
    paragraph(say`Register an app at ${vendorOf(provider)}${guideOf(provider)} with this webhook URL.`),
    ...webhookUrl(place),
    paragraph(
      say`Enter its client ID and client secret in the integration. Your users install the app on the pages of ${vendorOf(provider)}; a webhook then brings the code that is exchanged for tokens, and the connection waits for it.`,
    ),
  ],
});

const oauth1: Mode = (provider, place) => ({
  mode: 'OAuth 1',
  registers: true,
  blocks: [
    paragraph(say`Register an app at ${vendorOf(provider)}${guideOf(provider)} and give it this callback URL.`),
    callback(place),
    paragraph(say`Then enter its key as the client ID and its secret as the client secret in the integration.`),
  ],
});

const app: Mode = (provider, place) => ({
  mode: 'App installation',
  registers: true,
  blocks: [
    paragraph(
      say`Register an app at ${vendorOf(provider)}${guideOf(provider)} with this setup URL, to which people come back after they installed it.`,
    ),
    setupUrl(place),
    ...webhookUrl(place),
    paragraph(
      say`Then enter in the integration: its ID, its public page (where people install it) and its private key, the whole PEM file.`,
    ),
  ],
});

const custom: Mode = (provider, place) => ({
  mode: 'App installation and sign-in',
  registers: true,
  blocks: [
    paragraph(
      say`Register an app at ${vendorOf(provider)}${guideOf(provider)} that asks people for authorization while they install it, with this callback URL.`,
    ),
    callback(place),
    exactly,
    ...(place.webhookUrl
      ? [
          paragraph(
            say`Give it this webhook URL too: where an owner has to approve an installation, its webhook completes the connection.`,
          ),
          ...webhookUrl(place),
        ]
      : []),
    paragraph(
      say`Then enter in the integration: client ID, client secret, the ID of the app, its public page and its private key, the whole PEM file.`,
    ),
  ],
});

const plugin: Mode = (provider, place) => ({
  mode: 'Plugin installation',
  registers: true,
  blocks: [
    paragraph(
      say`Register a plugin at ${vendorOf(provider)}${guideOf(provider)} that sends people back to this callback URL once they installed it.`,
    ),
    callback(place),
    paragraph(
      say`Then enter in the integration: its identifier, its key and the page where people install it. Requests use the plugin's own login, for all connections the same.`,
    ),
  ],
});

const mcp: Mode = (provider, place) => {
  const vendor = vendorOf(provider);
  const registration = 'client_registration' in provider ? provider.client_registration : undefined;
  if (registration === 'dynamic') {
    return {
      mode: 'MCP',
      registers: false,
      blocks: [
        paragraph(
          say`Nothing to register: the client is registered at ${vendor} automatically (RFC 7591) when the first person connects, with this callback URL.`,
        ),
        callback(place),
      ],
    };
  }
  if (registration === 'cimd') {
    return {
      mode: 'MCP',
      registers: false,
      blocks: [
        paragraph(say`Nothing to register: ${vendor} reads what the client is from a document that this server publishes.`),
        note(say`For that the server needs a public https address (${code('BOWLINE_PUBLIC_URL')}).`),
      ],
    };
  }
  return {
    mode: 'MCP',
    registers: true,
    blocks: [
      paragraph(say`Register an OAuth app at ${vendor}${guideOf(provider)} and give it this callback URL.`),
      callback(place),
      exactly,
      paragraph(say`Then enter its client ID in the integration, and its secret unless it is a public client.`),
    ],
  };
};

const anyMcp: Mode = (_provider, place) => ({
  mode: 'MCP, any server',
  registers: false,
  blocks: [
    paragraph(
      say`Nothing to register where the server registers clients by itself: everything about it is discovered from the address that a person enters (RFC 9728, RFC 8414, RFC 7591).`,
    ),
    paragraph(say`For a server that does not, register a client there with this callback URL and enter it in the integration.`),
    callback(place),
  ],
});

const explained =
  (mode: string, line: (vendor: string, provider: Provider) => Line, registers = false): Mode =>
  (provider) => ({ mode, registers, blocks: [paragraph(line(vendorOf(provider), provider))] });

/** What the vendor calls its key, where it has a name for it. */
function keyOf({ credentials }: Provider): string {
  const title = credentials?.apiKey?.title ?? 'API key';
  return /^api key$/i.test(title) ? 'an API key' : `a key (“${title}”)`;
}

const modes: Readonly<Record<AuthModeName, Mode>> = {
  OAUTH2: oauth2,
  OAUTH1: oauth1,
  APP: app,
  CUSTOM: custom,
  INSTALL_PLUGIN: plugin,
  MCP_OAUTH2: mcp,
  MCP_OAUTH2_GENERIC: anyMcp,
  OAUTH2_CC: explained('OAuth 2 client credentials', (vendor, provider) =>
    'require_client_certificate' in provider && provider.require_client_certificate
      ? say`Nothing for you to register: whoever connects makes a client at ${vendor} and brings its certificate, with which every call identifies itself (mutual TLS).`
      : say`Nothing for you to register: whoever connects makes a client of their own at ${vendor} and enters it.`,
  ),
  API_KEY: explained('API key', (vendor, provider) => say`Nothing to register: whoever connects enters ${keyOf(provider)} of ${vendor}.`),
  BASIC: explained(
    'Basic authentication',
    (vendor) => say`Nothing to register: whoever connects enters a login of ${vendor}, of which the fields below say what it is made of.`,
  ),
  JWT: explained(
    'Signed token (JWT)',
    (vendor) => say`Nothing to register: whoever connects makes a key at ${vendor} and enters it. Tokens are signed with it here.`,
  ),
  TBA: explained(
    'Token-based authentication (OAuth 1)',
    (vendor) =>
      say`Make an integration record at ${vendor} and enter its consumer key and secret in the integration. Leave both out when each connection brings its own.`,
    true,
  ),
  TWO_STEP: explained('Credentials exchanged for a token', (vendor, provider) =>
    Object.keys(provider.integration_config ?? {}).length > 0
      ? say`Nothing to register with a callback. What you set on the integration (below) is the same for all who connect; what you leave out, they are asked for.`
      : say`Nothing to register: whoever connects enters credentials of ${vendor}, which are exchanged for a token.`,
  ),
  SIGNATURE: explained(
    'Signed requests (WSSE)',
    (vendor) => say`Nothing to register: whoever connects enters a user name and a password of ${vendor}, which sign the requests.`,
  ),
  BILL: explained(
    'Login exchanged for a session',
    (vendor) => say`Nothing to register: whoever connects enters a login of ${vendor} and a developer key.`,
  ),
  AWS_SIGV4: explained(
    'AWS role',
    () =>
      say`Decide which AWS account assumes the roles of your users: make an IAM user in it that may call ${code('sts:AssumeRole')}, and enter its access key on the integration. Or name a service of your own that hands out the credentials.`,
    true,
  ),
  NONE: explained('No authentication', () => say`Nothing to register: this API asks for no credentials.`),
};
