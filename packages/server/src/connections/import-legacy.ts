/**
 * The older import: one flat body, of which each auth mode reads its own fields. It becomes the import of today,
 * except that the credentials are not tried at the provider: callers of this form move thousands of connections at once.
 */
import type { ImportedCredentials, LegacyImport } from '@bowline/api/connection-import';
import { problem } from '@bowline/api/problem';
import type { AuthModeName } from '@bowline/providers/provider';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { providerOf } from '../providers/own.ts';
import type { HookedWorld } from './hooks.ts';
import { importConnection } from './import.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'random' | 'clock' | 'outbound' | 'config'> & Pick<HookedWorld, 'hooks'>;

/** @returns the connection id. @throws missing_provider_config, unknown_provider_config, unknown_provider_template, and a `missing_…` for each field */
export async function importLegacy(world: Needs, scope: Scope, body: LegacyImport): Promise<string> {
  const key = body.provider_config_key;
  if (key === undefined) throw problem('missing_provider_config');
  const integration = await findIntegration(world, scope, key);
  const provider = providerOf(world, integration);
  if (!provider) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${integration.provider}"` });
  const wanted = {
    provider_config_key: key,
    connection_id: body.connection_id,
    metadata: body.metadata,
    connection_config: body.connection_config && splitScopes(body.connection_config),
    webhook_url_override: body.webhook_url_override,
    credentials: (readers[provider.auth_mode] ?? unreadable(provider.auth_mode))(body, world.clock.now()),
    raw: body.raw,
  };
  const { connection } = await importConnection(world, scope, wanted, { tried: false });
  return connection.connectionId;
}

type Reader = (body: LegacyImport, now: Date) => ImportedCredentials;

/** What each mode reads; the others make credentials of what a person enters, so there is nothing to import. Empty texts count as missing, as they do in forms. */
const readers: Partial<Record<AuthModeName, Reader>> = {
  OAUTH2: (body, now) => {
    return {
      type: 'OAUTH2',
      access_token: body.access_token || missing('missing_access_token'),
      ...(body.refresh_token && { refresh_token: body.refresh_token }),
      ...expiry(body, now),
      ...overrideOf(body),
    };
  },
  OAUTH2_CC: (body, now) => ({
    type: 'OAUTH2_CC',
    token: body.access_token || missing('missing_access_token'),
    client_id: body.oauth_client_id_override || missing('missing_client_id', 'oauth_client_id_override'),
    client_secret: body.oauth_client_secret_override || missing('missing_client_secret', 'oauth_client_secret_override'),
    ...expiry(body, now),
  }),
  BASIC: ({ username, password }) => ({
    type: 'BASIC',
    username: username || missing('missing_basic_username'),
    password: password ?? '',
  }),
  API_KEY: ({ api_key }) => ({ type: 'API_KEY', apiKey: api_key || missing('missing_api_key') }),
  OAUTH1: ({ oauth_token, oauth_token_secret }) => ({
    type: 'OAUTH1',
    oauth_token: oauth_token || missing('missing_oauth_token'),
    oauth_token_secret: oauth_token_secret || missing('missing_oauth_token_secret'),
  }),
  TBA: (body) => ({
    type: 'TBA',
    token_id: body.token_id || missing('missing_token_id'),
    token_secret: body.token_secret || missing('missing_token_secret'),
    ...(body.connection_config?.accountId ? overrideOf(body) : missing('missing_account_id')),
  }),
  NONE: () => ({ type: 'NONE' }),
  APP: (body) => ({ type: 'APP', ...installation(body) }),
  CUSTOM: (body) => ({ type: 'CUSTOM', ...installation(body) }),
};

function overrideOf({ oauth_client_id_override: id, oauth_client_secret_override: secret }: LegacyImport) {
  return id || secret ? { config_override: { ...(id && { client_id: id }), ...(secret && { client_secret: secret }) } } : {};
}
const installation = ({ app_id, installation_id }: LegacyImport) => ({
  app_id: app_id || missing('missing_app_id'),
  installation_id: installation_id || missing('missing_installation_id'),
});

function unreadable(mode: AuthModeName): never {
  throw problem('invalid_body', { message: `Connections of ${mode} cannot be imported` });
}

type Missing =
  | 'missing_app_id'
  | 'missing_installation_id'
  | 'missing_access_token'
  | 'missing_client_id'
  | 'missing_client_secret'
  | 'missing_basic_username'
  | 'missing_api_key'
  | 'missing_oauth_token'
  | 'missing_oauth_token_secret'
  | 'missing_token_id'
  | 'missing_token_secret'
  | 'missing_account_id';

function missing(code: Missing, field?: string): never {
  throw problem(code, field === undefined ? {} : { message: `Send the client of this connection as ${field}` });
}

/** One of the three must say it: a token believed to live for ever is never refreshed. */
function expiry({ expires_at, expires_in, no_expiration }: LegacyImport, now: Date): { expires_at?: Date } {
  if (expires_at !== undefined && expires_at !== '') {
    const at = new Date(expires_at);
    if (Number.isNaN(at.getTime())) throw problem('invalid_expires_at');
    return { expires_at: at };
  }
  if (expires_in !== undefined) {
    const at = new Date(now.getTime() + expires_in * 1000);
    if (Number.isNaN(at.getTime())) throw problem('invalid_expires_at', { message: 'expires_in is further away than a date can say' });
    return { expires_at: at };
  }
  if (no_expiration === true) return {};
  throw problem('missing_expires_at');
}

/** Older callers send scopes as one text; the connection keeps a list. */
function splitScopes(config: NonNullable<LegacyImport['connection_config']>) {
  const { oauth_scopes_override: scopes } = config;
  return typeof scopes === 'string' ? { ...config, oauth_scopes_override: scopes.split(',').map((scope) => scope.trim()) } : config;
}
