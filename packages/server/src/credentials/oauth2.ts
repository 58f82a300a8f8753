/** Auth mode OAUTH2: the authorization code grant with the client that the developer registered, or one that the connection brings along. */
import type { Oauth2Provider, Provider } from '@bowline/providers/provider';
import type { IntegrationAccess } from './access.ts';
import { type AuthMode, declaredFields, type Override } from './auth-mode.ts';
import { bearer, finishCodeGrant, overrideOf, refreshCodeGrant, renewsGrant, startCodeGrant } from './code-grant.ts';
import { CredentialsError } from './failure.ts';
import type { Client, Grant } from './grant.ts';
import { awaitInstallation, completedBy, finishInstallation, isOutbound } from './outbound-install.ts';

export const oauth2: AuthMode = {
  fields: declaredFields,
  start: async (world, input) => {
    const grant = grantOf(input);
    return isOutbound(grant.provider) ? awaitInstallation(input) : startCodeGrant(world, grant, input);
  },
  finish: async (world, input) => {
    const grant = grantOf(input);
    return isOutbound(grant.provider) ? finishInstallation(world, grant, input) : finishCodeGrant(world, grant, input);
  },
  refresh: async (world, access, keep) => {
    const { credentials, integration } = access;
    const override = credentials.type === 'OAUTH2' ? overrideOf(credentials) : {};
    return refreshCodeGrant(world, grantOf({ integration, override }), { access, keep });
  },
  renews: renewsGrant,
  apply: bearer,
  completes: (provider, body) => {
    const narrowed = narrow(provider);
    return isOutbound(narrowed) ? completedBy(narrowed, body) : undefined;
  },
};

function grantOf({ integration, override }: { integration: IntegrationAccess; override?: Override }): Grant & { provider: Oauth2Provider } {
  return { provider: narrow(integration.provider), client: clientOf(integration, override) };
}

/** A connection's own client counts only whole: its id with the integration's secret would work for neither. */
export function clientOf(integration: IntegrationAccess, override: Override | undefined): Client {
  if (override?.clientId && override.clientSecret) return { id: override.clientId, secret: override.clientSecret };
  const { provider } = integration;
  const isPublic = 'token_request_auth_method' in provider && provider.token_request_auth_method === 'none';
  if (isPublic && integration.clientId) return { id: integration.clientId, secret: '' };
  if (integration.clientId && integration.clientSecret) return { id: integration.clientId, secret: integration.clientSecret };
  throw new CredentialsError('provider_config_err', 'the integration has no client id or client secret; set both in its settings');
}

function narrow(provider: Provider): Oauth2Provider {
  if (provider.auth_mode === 'OAUTH2') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not OAUTH2`);
}
