/** Auth mode INSTALL_PLUGIN: the person installs the developer's plugin at the vendor and comes back; requests use the plugin's own login. */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import type { IntegrationAccess } from './access.ts';
import { type AuthMode, declaredFields, never, staysAsIs } from './auth-mode.ts';
import { basic } from './basic.ts';
import { CredentialsError } from './failure.ts';
import { pick } from './token.ts';

export const installPlugin: AuthMode = {
  fields: declaredFields,
  start: async (_world, { integration, state }) => {
    const url = new URL(pluginOf(integration).link);
    // The vendor hands back what it gets under this name, and knows no other.
    url.searchParams.set('payload', state);
    return { kind: 'redirect', url: url.href, kept: {} };
  },

  finish: async (_world, { integration, connectionConfig, answer }) => {
    if (answer.kind !== 'callback')
      throw new CredentialsError('callback_err', 'this provider sends people back after they installed the plugin');
    const { auth_type: type, redirect_uri_metadata: names = [] } = narrow(integration.provider);
    const { username, password } = pluginOf(integration);
    const told = pick(answer.query, names);
    const missing = names.filter((name) => told[name] === undefined);
    if (missing.length > 0) {
      const message = `the provider did not say where the plugin was installed (${missing.join(', ')}); install it again`;
      throw new CredentialsError('callback_err', message, { kind: 'revoked' });
    }
    const account = names.map((name) => told[name]).join(' ');
    return {
      credentials: { type, username, password },
      connectionConfig: { ...connectionConfig, ...told },
      ...(account ? { account } : {}),
    };
  },

  refresh: staysAsIs,
  renews: never,
  apply: basic.apply,
  sameAccount: 'refused',
};

/** @throws CredentialsError `provider_config_err` */
function pluginOf({ plugin }: IntegrationAccess) {
  if (plugin) return plugin;
  throw new CredentialsError(
    'provider_config_err',
    'the integration has no plugin; set its login and the link to install it in the settings',
  );
}

function narrow(provider: Provider): ProviderOf<'INSTALL_PLUGIN'> {
  if (provider.auth_mode === 'INSTALL_PLUGIN') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not INSTALL_PLUGIN`);
}
