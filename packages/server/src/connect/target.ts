/** What a connect session lets a browser do with one integration: which connection it makes, with which configuration and defaults. */
import type { JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { integrationAccess } from '../connections/access.ts';
import { findConnectionById } from '../connections/find.ts';
import type { IntegrationAccess } from '../credentials/access.ts';
import { modes } from '../credentials/modes.ts';
import type { SessionScope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { type ConnectSession, defaultsOf, findSession, type IntegrationDefaults } from './session.ts';

export type ConnectTarget = {
  session: ConnectSession;
  integration: Integration;
  access: IntegrationAccess;
  connectionId: string;
  /** The browser's `params` with the session's over them. */
  connectionConfig: JsonObject;
  defaults: IntegrationDefaults;
};
type BrowserInput = { providerConfigKey: string; connectionId?: string | undefined; params?: Record<string, unknown> | undefined };
type Needs = Pick<World, 'db' | 'keyring' | 'catalogue' | 'random'>;

/** Set by us or the backend only; a browser that sends them is ignored. */
const RESERVED = new Set(['webhook_url', 'oauth_scopes_override', 'pending', 'userCredentials', 'jwtToken', 'user_scope']);

/** @throws invalid_query_params, integration_not_allowed, unknown_provider_config, invalid_connection */
export async function connectTarget(world: Needs, scope: SessionScope, input: BrowserInput): Promise<ConnectTarget> {
  if (input.connectionId !== undefined) {
    const message = 'A connect session decides the connection id; leave connection_id out';
    throw problem('invalid_query_params', { errors: [{ code: 'custom', message, path: ['connection_id'] }] });
  }
  const session = await findSession(world, scope, scope.sessionId);
  if (session.allowedIntegrations && !session.allowedIntegrations.includes(input.providerConfigKey)) {
    throw problem('integration_not_allowed', { message: `This session does not allow the integration "${input.providerConfigKey}"` });
  }
  const integration = await findIntegration(world, scope, input.providerConfigKey);
  const access = await integrationAccess(world, integration);
  const defaults = (await defaultsOf(world, session))[integration.uniqueKey] ?? {};
  const previous = session.reconnects === null ? undefined : await reconnected(world, scope, session.reconnects);
  const connectionConfig = {
    ...previous?.connectionConfig,
    ...fromBrowser(input.params),
    ...defaults.connection_config,
    // Templates of providers that know scopes of users besides those of apps read it there.
    ...(defaults.user_scopes ? { user_scope: defaults.user_scopes } : {}),
  };
  checkConfig(access, connectionConfig);
  return { session, integration, access, connectionId: previous?.connectionId ?? world.random.uuid(), connectionConfig, defaults };
}

async function reconnected(world: Needs, scope: SessionScope, id: number) {
  try {
    return (await findConnectionById(world, scope, id)).connection;
  } catch {
    throw problem('invalid_connection');
  }
}

function fromBrowser(params: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => (typeof value === 'string' && !RESERVED.has(key) ? [[key, value] as const] : [])),
  );
}

/** The catalogue's patterns hold on the server too: a host name that is none must not become part of a URL. */
function checkConfig(access: IntegrationAccess, config: JsonObject): void {
  const fields = modes[access.provider.auth_mode].fields(access.provider).connectionConfig;
  const errors = Object.entries(fields).flatMap(([name, field]) => {
    const value = config[name];
    const issue = (message: string) => [{ code: 'custom', message: `${field.title}: ${message}`, path: ['params', name] }];
    if (field.automated || typeof value !== 'string' || value === '') return [];
    if (field.enum && !field.enum.includes(value)) return issue(`must be one of ${field.enum.join(', ')}`);
    if (field.pattern && !new RegExp(`^(?:${field.pattern})$`).test(value)) return issue('has another form than the provider uses');
    return [];
  });
  if (errors.length > 0) throw problem('invalid_query_params', { errors });
}
