/** What gives access to a provider's API, as plain values, and what templates may read of it. */
import type { Provider } from '@bowline/providers/provider';
import type { TemplateScope } from '@bowline/providers/template';
import type { Credentials } from './credentials.ts';

/** A provider configured in one environment. */
export type IntegrationAccess = {
  readonly provider: Provider;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** The integration's own settings: `integrationConfig` in templates. */
  readonly custom: Readonly<Record<string, string>>;
  /** An app that signs with a key of its own and is installed at the provider (GitHub). */
  readonly app?: { readonly id: string; readonly link: string; readonly privateKey: string };
  /** A plugin that is installed at the provider; its login is the same for all who install it. */
  readonly plugin?: { readonly link: string; readonly username: string; readonly password: string };
};

export type Access = {
  readonly integration: IntegrationAccess;
  readonly connectionConfig: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  readonly credentials: Credentials;
};

/** The values of the catalogue's templates for one connection. `extra` adds what only the caller knows, such as `random`. */
export function templateScope(
  access: Omit<Access, 'credentials'> & { credentials?: Credentials },
  extra: Pick<TemplateScope, 'now' | 'random'> = {},
): TemplateScope {
  const { integration, connectionConfig, metadata, credentials = {} } = access;
  const { provider } = integration;
  return {
    ...extra,
    values: {
      connectionConfig: { ...defaults(provider.connection_config), ...connectionConfig, ...secretConfig(provider, credentials) },
      integrationConfig: { ...defaults(provider.integration_config), ...integration.custom },
      metadata: metadata ?? {},
      credentials: { ...credentials, ...presets(integration) },
      clientId: integration.clientId ?? undefined,
      clientSecret: integration.clientSecret ?? undefined,
      scopes: integration.scopes.join(('scope_separator' in provider ? provider.scope_separator : undefined) ?? ' '),
      ...tokens(credentials),
    },
  };
}

/**
 * Credentials that the developer set on the integration for all its connections, which then do not hold them. Only TWO_STEP has such:
 * elsewhere the integration's own settings are read as `integrationConfig` alone.
 */
export function presets({ provider, custom }: Pick<IntegrationAccess, 'provider' | 'custom'>): Readonly<Record<string, string>> {
  if (provider.auth_mode !== 'TWO_STEP') return {};
  return Object.fromEntries(Object.entries(custom).filter(([name, value]) => value !== '' && provider.integration_config?.[name]));
}

/**
 * Second tokens that lie sealed with the credentials and that the wire shows in the connection's configuration: for templates, and for
 * callers who may read credentials. Pure.
 */
export function secretConfig(provider: Provider, credentials: Credentials): Record<string, unknown> {
  const names = 'token_response_secrets' in provider ? (provider.token_response_secrets ?? []) : [];
  const raw: Record<string, unknown> = 'raw' in credentials ? Object(credentials.raw) : {};
  return Object.fromEntries(names.flatMap((name) => (raw[name] === undefined ? [] : [[name, raw[name]]])));
}

/** Names that templates read without a root. */
function tokens(credentials: Credentials): Record<string, unknown> {
  switch (credentials.type) {
    case 'OAUTH2':
    case 'APP':
      return {
        accessToken: credentials.access_token,
        refreshToken: 'refresh_token' in credentials ? credentials.refresh_token : undefined,
      };
    case 'OAUTH2_CC':
    case 'JWT':
    case 'SIGNATURE':
    case 'TWO_STEP':
      return { accessToken: credentials.token, token: credentials.token };
    case 'CUSTOM':
      return { accessToken: credentials.app?.access_token };
    case 'API_KEY':
      return { apiKey: credentials.apiKey };
    case 'BASIC':
      return { username: credentials.username, password: credentials.password };
    default:
      return {};
  }
}

function defaults(fields: Provider['connection_config']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).flatMap(([name, field]) => (field.default_value === undefined ? [] : [[name, field.default_value]])),
  );
}
