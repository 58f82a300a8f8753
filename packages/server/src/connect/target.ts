/** What a connect session lets a browser do with one integration: which connection it makes, with which configuration and defaults. */
import type { JsonObject } from '@bowline/api/fields';
import { type Issue, problem } from '@bowline/api/problem';
import { checkValues, type Field } from '@bowline/providers/field';
import type { AuthModeName } from '@bowline/providers/provider';
import type { World } from '../base/world.ts';
import { findConnectionById } from '../connections/find.ts';
import { integrationAccess } from '../connections/open.ts';
import { wholeConfig } from '../connections/secrets.ts';
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
  /** The configuration of the connection that is repaired. */
  previous: JsonObject | undefined;
  defaults: IntegrationDefaults;
  /** What was typed, as it is to be stored. */
  values: Record<string, unknown>;
};
type BrowserInput = {
  providerConfigKey: string;
  connectionId?: string | undefined;
  params?: Record<string, unknown> | undefined;
  /** What was typed besides, at the door of one auth mode. */
  form?: { authMode: string; values: Record<string, unknown> } | undefined;
};
type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'random'>;

/** Set by us or the backend only; a browser that sends them is ignored. */
const RESERVED = new Set([
  'webhook_url',
  'oauth_scopes_override',
  'pending',
  'userCredentials',
  'jwtToken',
  'user_scope',
  'installation_id',
  'app_id',
]);

/** @throws invalid_query_params, invalid_body, integration_not_allowed, unknown_provider_config, invalid_auth_mode, invalid_connection */
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
  const { auth_mode: authMode } = access.provider;
  if (input.form && input.form.authMode !== authMode) {
    throw problem('invalid_auth_mode', { message: `"${input.providerConfigKey}" connects with ${authMode}, not ${input.form.authMode}` });
  }
  const fields = modes[authMode].fields(access.provider, access.custom);
  const config = {
    ...withoutTold(access, previous?.connectionConfig),
    ...fromBrowser(input.params, fields.connectionConfig),
    ...defaults.connection_config,
    // Templates of providers that know scopes of users besides those of apps read it there.
    ...(defaults.user_scopes ? { user_scope: defaults.user_scopes } : {}),
  };
  const checked = check(fields, config, input.form);
  return {
    session,
    integration,
    access,
    connectionId: previous?.connectionId ?? world.random.uuid(),
    connectionConfig: checked.connectionConfig,
    values: checked.values,
    previous: previous?.connectionConfig,
    defaults,
  };
}

async function reconnected(world: Needs, scope: SessionScope, id: number) {
  try {
    const { connection } = await findConnectionById(world, scope, id);
    return { ...connection, connectionConfig: await wholeConfig(world, connection) };
  } catch {
    throw problem('invalid_connection');
  }
}

/** What the provider tells with every sign-in is taken anew: an account may have moved, or be another. */
function withoutTold({ provider }: IntegrationAccess, config: JsonObject = {}): JsonObject {
  const told = new Set([
    ...(('token_response_metadata' in provider && provider.token_response_metadata) || []),
    ...(('redirect_uri_metadata' in provider && provider.redirect_uri_metadata) || []),
    ...(provider.connection_configuration ?? []),
  ]);
  return Object.fromEntries(Object.entries(config).filter(([name]) => !told.has(name)));
}

/** Texts only. What the platform fills itself must not come from a browser, and what is reserved is ignored. */
function fromBrowser(params: Record<string, unknown> = {}, fields: Readonly<Record<string, Field>>): Record<string, string> {
  const texts = Object.entries(params).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  const automated = texts.filter(([name, value]) => fields[name]?.automated && value !== '').map(([name]) => name);
  if (automated.length > 0) {
    throw refuse(
      automated.map((name) => ({ code: 'custom', message: `${name} is filled by the platform; leave it out`, path: ['params', name] })),
    );
  }
  return Object.fromEntries(texts.filter(([name]) => !RESERVED.has(name) && !fields[name]?.automated));
}

/** @throws invalid_query_params or invalid_body, with everything that is wrong beside its input */
function check(fields: ReturnType<(typeof modes)[AuthModeName]['fields']>, config: JsonObject, form: BrowserInput['form']) {
  const params = checkValues(fields.connectionConfig, config);
  const credentials = checkValues(form ? fields.credentials : {}, form?.values ?? {});
  const issues = [
    ...params.refused.map(({ name, message }) => ({ code: 'custom', message, path: ['params', name] })),
    ...credentials.refused.map(({ name, message }) => ({ code: 'custom', message, path: ['credentials', name] })),
  ];
  if (issues.length > 0) throw refuse(issues);
  return { connectionConfig: params.values, values: credentials.values };
}

function refuse(errors: Issue[]) {
  const inQuery = errors.every(({ path }) => path[0] === 'params');
  return problem(inQuery ? 'invalid_query_params' : 'invalid_body', { message: errors.map(({ message }) => message).join('; '), errors });
}
