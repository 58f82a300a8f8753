/**
 * Auth mode APP: an installation of a GitHub App. The person installs it on the provider's pages and comes back with the installation's
 * number, which nothing proves to be theirs: so one that is connected already is not given to a second connection.
 */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { z } from 'zod';
import type { IntegrationAccess } from './access.ts';
import { type AuthMode, type AuthWorld, always, type ConnectionConfig, declaredFields, type Granted } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';
import { appOf, appToken, installationPage, installationToken, isInstallationId } from './github-app.ts';

export const app: AuthMode = {
  fields: declaredFields,
  start: async (_world, input) => ({
    kind: 'redirect',
    url: installationPage(narrow(input.integration.provider).authorization_url, input),
    kept: {},
  }),

  finish: async (world, { integration, connectionConfig, answer }) => {
    const id = answer.kind === 'callback' ? installationIn(answer.query) : importedInstallation(integration, answer);
    return grant(world, integration, { ...connectionConfig, installation_id: id, app_id: appOf(integration).id });
  },

  refresh: (world, { integration, connectionConfig }) => grant(world, integration, connectionConfig),
  renews: always,
  apply: ({ credentials }) => ({
    headers: credentials.type === 'APP' ? { authorization: `Bearer ${credentials.access_token}` } : {},
    query: {},
  }),
  sameAccount: 'refused',
  shown: (credentials) => ({
    credentials,
    connectionConfig: credentials.type === 'APP' && credentials.jwtToken ? { jwtToken: credentials.jwtToken } : {},
  }),
  appToken,
};

/** @throws CredentialsError */
function installationIn({ installation_id: id, setup_action: action }: Readonly<Record<string, string>>): string {
  if (action === 'request') {
    const message = 'the installation was requested; once an owner of the organization has approved it at the provider, connect again';
    throw new CredentialsError('callback_err', message, { providerError: 'request' });
  }
  if (!id || !isInstallationId(id))
    throw new CredentialsError('callback_err', 'the provider did not say what was installed; connect again');
  return id;
}

const imported = z.object({ app_id: z.string(), installation_id: z.string().refine(isInstallationId, 'is a number') });

/** @throws CredentialsError `invalid_body` */
export function importedInstallation(integration: IntegrationAccess, answer: Parameters<typeof readForm>[1]): string {
  const { app_id, installation_id } = readForm(imported, answer);
  if (app_id === appOf(integration).id) return installation_id;
  throw new CredentialsError('invalid_body', 'app_id is not the id of the app of this integration');
}

async function grant(world: AuthWorld, integration: IntegrationAccess, connectionConfig: ConnectionConfig): Promise<Granted> {
  const urlTemplate = narrow(integration.provider).token_url;
  const credentials = await installationToken(world, integration, { urlTemplate, connectionConfig });
  return { credentials, connectionConfig, account: String(connectionConfig.installation_id) };
}

function narrow(provider: Provider): ProviderOf<'APP'> {
  if (provider.auth_mode === 'APP') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not APP`);
}
