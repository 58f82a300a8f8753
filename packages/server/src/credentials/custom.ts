/**
 * Auth mode CUSTOM: a GitHub App whose installation also signs the person in. Requests go out as the installation; the person's tokens
 * prove that the installation is theirs, and are kept beside. When an owner has to approve first, a webhook completes the connection.
 */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { type Access, type IntegrationAccess, templateScope } from './access.ts';
import { importedInstallation } from './app.ts';
import { type AuthMode, type AuthWorld, always, type ConnectionConfig, declaredFields, type Finish, type Granted } from './auth-mode.ts';
import { codeIn } from './callback-query.ts';
import { exchangeCode, newCredentials, refreshCodeGrant } from './code-grant.ts';
import type { Credentials, CredentialsOf, Oauth2Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import { type AppCredentials, appOf, appToken, installationPage, installationToken, isInstallationId } from './github-app.ts';
import { loginOf, mayUseInstallation } from './github-user.ts';
import type { Grant } from './grant.ts';
import { clientOf } from './oauth2.ts';

/** A person's token that ends sooner is renewed together with the installation's. */
const RENEW_BEFORE_MS = 75 * 60_000;

export const custom: AuthMode = {
  fields: declaredFields,
  start: async (_world, input) => {
    clientOf(input.integration, undefined); // else the person finds out on the way back
    const url = installationPage(narrow(input.integration.provider).authorization_url, input);
    return { kind: 'redirect', url, kept: {} };
  },

  finish: async (world, input) => {
    const { answer, integration } = input;
    if (answer.kind === 'webhook')
      return installed(world, input, { id: installationOf(answer.body, integration), user: userOf(answer.pending) });
    if (answer.kind === 'form') return installed(world, input, { id: importedInstallation(integration, answer), user: null });
    return comeBack(world, input, answer);
  },

  refresh,
  renews: always,
  apply: ({ credentials }) => ({
    headers: credentials.type === 'CUSTOM' && credentials.app ? { authorization: `Bearer ${credentials.app.access_token}` } : {},
    query: {},
  }),
  completes: (_provider, { action, requester }) => {
    const { login } = Object(requester);
    return action === 'created' && typeof login === 'string' && login !== '' ? awaiting(login) : undefined;
  },
  sameAccount: 'merged',
  shown: (credentials) => {
    if (credentials.type !== 'CUSTOM' || !credentials.app) return { credentials: userOf(credentials) ?? {}, connectionConfig: {} };
    const { app, user } = credentials;
    const jwtToken = app.jwtToken === undefined ? {} : { jwtToken: app.jwtToken };
    return { credentials: app, connectionConfig: { ...jwtToken, ...(user ? { userCredentials: user } : {}) } };
  },
  appToken,
};

const awaiting = (login: string) => `requester:${login.toLowerCase()}`;

type Callback = Extract<Finish['answer'], { kind: 'callback' }>;

/** The number in the address is what a browser says: the person's own token tells whether it is true. */
async function comeBack(world: AuthWorld, input: Finish, { query, redirectUri }: Callback): Promise<Granted> {
  const { integration, connectionConfig } = input;
  const { installation_id: id, setup_action: action, code } = query;
  if (id !== undefined && !isInstallationId(id)) throw new CredentialsError('callback_err', 'the installation has no valid number');
  if (!code && action === 'update' && id !== undefined && id === connectionConfig.installation_id)
    return installed(world, input, { id, user: null });
  const grant = grantOf(integration);
  const exchange = { integration, connectionConfig, code: { value: codeIn(query, grant.provider), redirect_uri: redirectUri } };
  const { token, answer } = await exchangeCode(world, grant, exchange);
  const user = newCredentials(token, answer);
  if (id === undefined || action === 'request') return requested(world, input, user);
  if (await mayUseInstallation(world, { base: apiOf(integration, connectionConfig), accessToken: user.access_token, id }))
    return installed(world, input, { id, user });
  const message = 'the provider says that this installation is not one of yours; install the app on an account that you may manage';
  throw new CredentialsError('callback_err', message, { kind: 'revoked' });
}

/** An owner has to approve. The webhook that tells of it names the person who asked. */
async function requested(world: AuthWorld, { integration, connectionConfig }: Finish, user: Oauth2Credentials): Promise<Granted> {
  const login = await loginOf(world, { base: apiOf(integration, connectionConfig), accessToken: user.access_token });
  return {
    credentials: combined(null, user),
    connectionConfig: { ...connectionConfig, app_id: appOf(integration).id, handle: login, pending: true },
    pending: { awaits: awaiting(login) },
  };
}

type Installed = { readonly id: string; readonly user: Oauth2Credentials | null };

async function installed(world: AuthWorld, { integration, connectionConfig }: Finish, { id, user }: Installed): Promise<Granted> {
  const { pending: _done, ...config } = connectionConfig;
  const whole = { ...config, app_id: appOf(integration).id, installation_id: id };
  return { credentials: combined(await mint(world, integration, whole), user), connectionConfig: whole, account: id };
}

/** The installation's token first: after a person's refresh token was used, nothing may fail before the new one is stored. */
async function refresh(world: AuthWorld, access: Access): Promise<Granted> {
  const { integration, connectionConfig, credentials } = access;
  if (credentials.type !== 'CUSTOM') throw new TypeError(`cannot renew ${credentials.type ?? 'no'} credentials as those of an app`);
  const app = credentials.app && (await mint(world, integration, connectionConfig));
  return { credentials: combined(app, await renewedUser(world, access, credentials.user)), connectionConfig };
}

/** The connection works without the person's tokens, so losing them does not break it. */
async function renewedUser(world: AuthWorld, access: Access, user: Oauth2Credentials | null): Promise<Oauth2Credentials | null> {
  const expiresAt = Date.parse(user?.expires_at ?? '');
  if (!user?.refresh_token || !(expiresAt - world.clock.now().getTime() < RENEW_BEFORE_MS)) return user;
  try {
    return userOf((await refreshCodeGrant(world, grantOf(access.integration), { access: { ...access, credentials: user } })).credentials);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    return error.kind === 'revoked' ? null : user;
  }
}

/** It expires with the first of the two that can be renewed. */
function combined(app: AppCredentials | null, user: Oauth2Credentials | null): CredentialsOf<'CUSTOM'> {
  const ends = [app?.expires_at, user?.refresh_token ? user.expires_at : undefined].filter((at) => at !== undefined).toSorted();
  return { type: 'CUSTOM', app, user, raw: app?.raw ?? user?.raw ?? {}, ...(ends[0] === undefined ? {} : { expires_at: ends[0] }) };
}

function mint(world: AuthWorld, integration: IntegrationAccess, connectionConfig: ConnectionConfig): Promise<AppCredentials> {
  return installationToken(world, integration, { urlTemplate: narrow(integration.provider).token_url.APP, connectionConfig });
}

/** @throws CredentialsError when it is another app's */
function installationOf(body: Readonly<Record<string, unknown>>, integration: IntegrationAccess): string {
  const { id, app_id } = Object(body.installation);
  if (String(app_id) === appOf(integration).id && isInstallationId(String(id))) return String(id);
  throw new CredentialsError('callback_err', 'the webhook tells of an installation of another app than that of the integration');
}

function userOf(credentials: Credentials): Oauth2Credentials | null {
  if (credentials.type === 'OAUTH2') return credentials;
  return credentials.type === 'CUSTOM' ? credentials.user : null;
}

function apiOf(integration: IntegrationAccess, connectionConfig: ConnectionConfig) {
  return { template: integration.provider.proxy?.base_url ?? '', scope: templateScope({ integration, connectionConfig }) };
}

function grantOf(integration: IntegrationAccess): Grant {
  const provider = narrow(integration.provider);
  return { provider: { ...provider, token_url: provider.token_url.OAUTH2 }, client: clientOf(integration, undefined) };
}

function narrow(provider: Provider): ProviderOf<'CUSTOM'> {
  if (provider.auth_mode === 'CUSTOM') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not CUSTOM`);
}
