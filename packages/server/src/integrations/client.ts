/** What a developer registered at a provider: an OAuth client, a GitHub App, a plugin. Sealed for its integration's row. */
import { createHash, createPrivateKey } from 'node:crypto';
import type { IntegrationCredentials, IntegrationSecrets } from '@bowline/api/integration-credentials';
import { problem } from '@bowline/api/problem';

export type RegisteredClient = {
  clientId: string;
  /** Empty for a public client, and for a GitHub App that signs with its key alone. */
  clientSecret: string;
  /** Separated by commas, as on the wire. */
  scopes: string;
  webhookSecret?: string | undefined;
  app?: { id: string; link: string; privateKey: string } | undefined;
  plugin?: { link: string; username: string; password: string } | undefined;
  /** The redirect URI of a client that we registered ourselves; absent for the developer's own. */
  registeredFor?: string | undefined;
};

/** @throws invalid_body when the private key is none */
export function clientOf(given: IntegrationCredentials): RegisteredClient {
  return {
    clientId: 'client_id' in given ? given.client_id : 'app_id' in given ? given.app_id : '',
    clientSecret: ('client_secret' in given && given.client_secret) || '',
    scopes: ('scopes' in given && given.scopes) || '',
    ...('webhook_secret' in given && given.webhook_secret !== undefined ? { webhookSecret: given.webhook_secret } : {}),
    ...('private_key' in given ? { app: { id: given.app_id, link: given.app_link, privateKey: checked(given.private_key) } } : {}),
    ...('username' in given ? { plugin: { link: given.app_link, username: given.username, password: given.password } } : {}),
  };
}

/** The operator's own, from the configuration. */
export function sharedClient(app: { client_id: string; client_secret: string; scopes?: string | undefined }): RegisteredClient {
  return { clientId: app.client_id, clientSecret: app.client_secret, scopes: app.scopes ?? '' };
}

/** Now, since at the first connection it would be an end user who finds out. */
function checked(pem: string): string {
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return pem;
  } catch {
    // The message of the library may hold parts of the key.
  }
  const message = 'This is not an RSA private key; send the PEM file that the provider made, with its line breaks';
  throw problem('invalid_body', { errors: [{ code: 'custom', message, path: ['credentials', 'private_key'] }] });
}

/**
 * What webhooks are signed with. An app without a secret of its own has one made of what only its developer knows, so that the
 * developer can read it here and enter it at the provider.
 */
export function webhookSecretOf({ webhookSecret, app }: RegisteredClient): string | undefined {
  if (webhookSecret || !app) return webhookSecret || undefined;
  return createHash('sha256')
    .update(app.id + app.privateKey + app.link)
    .digest('hex');
}

/** As `include=credentials` shows it. */
export function wireClient(type: string, client: RegisteredClient): IntegrationSecrets {
  const { app, plugin, clientId, clientSecret, scopes } = client;
  const webhook = { webhook_secret: webhookSecretOf(client) ?? null };
  if (plugin) return { type, username: plugin.username, password: plugin.password, app_link: plugin.link };
  if (!app) return { type, client_id: clientId, client_secret: clientSecret, scopes, ...webhook };
  const installed = { app_id: app.id, app_link: app.link, private_key: app.privateKey, ...webhook };
  return clientSecret === '' ? { type, ...installed } : { type, client_id: clientId, client_secret: clientSecret, ...installed };
}
