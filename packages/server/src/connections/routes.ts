/** The doors of connections. The older singular paths are the same verbs. */
import { connections } from '@bowline/api/connections';
import { dashboard } from '@bowline/api/dashboard';
import type { JsonObject } from '@bowline/api/fields';
import { integrations } from '@bowline/api/integrations';
import { Problem, problem } from '@bowline/api/problem';
import { granted } from '@bowline/api/scopes';
import type { World } from '../base/world.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { handedOut, masked, withoutRefreshTokens } from '../credentials/redact.ts';
import { requireScope } from '../http/admit.ts';
import type { Scope } from '../http/scope.ts';
import type { Serve } from '../http/serve.ts';
import { findIntegration } from '../integrations/find.ts';
import { type Integration, webhookUrl, wireIntegration, wireSecrets } from '../integrations/integration.ts';
import { updateIntegration } from '../integrations/update.ts';
import { providerOf } from '../providers/own.ts';
import { accessConnection } from './access.ts';
import { type Connection, offsetTime, wireConnection, wireSummary } from './connection.ts';
import { removeIntegration } from './delete-integration.ts';
import { endConnection } from './end.ts';
import { connectionsOf, findConnection, findWithIntegration } from './find.ts';
import type { HookedWorld } from './hooks.ts';
import { importConnection } from './import.ts';
import { importLegacy } from './import-legacy.ts';
import { listConnections } from './list.ts';
import { setMetadata, updateMetadata } from './metadata.ts';
import { openAccess } from './open.ts';
import { retryConnectionsOf } from './refresh-state.ts';
import { apart, openCredentials } from './secrets.ts';
import { shownConnection } from './shown.ts';
import type { Target } from './target.ts';
import { updateConnection } from './update.ts';

type ReadOptions = { refresh_token: boolean; force_refresh: boolean; refresh_github_app_jwt_token: boolean };

export function bindConnectionRoutes(serve: Serve, world: HookedWorld): void {
  for (const route of [connections.list, connections.listLegacy]) {
    serve(route).by(async ({ query }, scope) => ({ connections: (await listConnections(world, scope, query)).map(wireSummary) }));
  }
  for (const route of [connections.get, connections.getLegacy]) {
    serve(route).by(({ params, query }, scope) => read(world, scope, { ...params, providerConfigKey: query.provider_config_key }, query));
  }
  for (const route of [connections.remove, connections.removeLegacy]) {
    serve(route).by(async ({ params, query }, scope) => {
      const target = await findWithIntegration(world, scope, { ...params, providerConfigKey: query.provider_config_key });
      return { success: await endConnection(world, scope, target) };
    });
  }
  serve(connections.import).by(async ({ body }, scope) => {
    const { connection, integration } = await importConnection(world, scope, body);
    return withoutRefreshTokens(await shownConnection(world, { connection, access: await openAccess(world, { connection, integration }) }));
  });
  serve(connections.importLegacy).by(async ({ body }, scope) => ({ ...body, connection_id: await importLegacy(world, scope, body) }));
  serve(connections.update).by(async ({ params, query, body }, scope) => {
    const connection = await findConnection(world, scope, { ...params, providerConfigKey: query.provider_config_key });
    await updateConnection(world, scope, connection, body);
    return { success: true };
  });
  bindMetadataRoutes(serve, world);
  bindOfIntegration(serve, world);
  serve(dashboard.connection).by(async ({ params, query }, scope) => {
    return detail(world, await findWithIntegration(world, scope, { ...params, providerConfigKey: query.provider_config_key }));
  });
}

/** What concerns an integration and its connections at once. */
function bindOfIntegration(serve: Serve, world: HookedWorld): void {
  serve(integrations.legacy).by(async ({ params, query }, scope) => {
    const integration = await findIntegration(world, scope, params.providerConfigKey);
    const base = { unique_key: integration.uniqueKey, provider: integration.provider, syncs: [], actions: [] };
    if (!query.include_creds) return { config: base };
    requireScope(scope, ['environment:integrations:read_credentials']);
    return { config: { ...base, ...(await legacyDetails(world, scope, integration)) } };
  });
  serve(integrations.update).by(async ({ params, body }, scope) => {
    const inUse = async ({ id }: { id: number }) => (await connectionsOf(world, scope, id)).length > 0;
    const integration = await updateIntegration(world, scope, params.uniqueKey, body, inUse);
    if (body.credentials || body.integration_config || body.custom) await retryConnectionsOf(world, scope, integration.id);
    return { data: wireIntegration(world, integration) };
  });
  serve(integrations.remove).by(async ({ params }, scope) => {
    await removeIntegration(world, scope, params.uniqueKey);
    return { success: true };
  });
}

/** The older reading of an integration: with its client and everything that is connected. @throws unknown_provider_template */
async function legacyDetails(world: World, scope: Scope, integration: Integration) {
  const provider = providerOf(world, integration);
  if (!provider) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${integration.provider}"` });
  const secrets = await wireSecrets(world, integration);
  const connections = await listConnections(world, scope, { integrationId: [integration.uniqueKey], page: 0 });
  return {
    client_id: secrets?.client_id ?? null,
    client_secret: secrets?.client_secret ?? null,
    scopes: secrets?.scopes ?? null,
    webhook_secret: secrets?.webhook_secret ?? null,
    custom: integration.custom,
    app_link: secrets?.app_link ?? null,
    auth_mode: provider.auth_mode,
    created_at: integration.createdAt.toISOString(),
    docs: provider.docs,
    connections: connections.map((connection) => ({
      id: connection.id,
      connection_id: connection.connectionId,
      provider_config_key: connection.providerConfigKey,
      environment_id: connection.environmentId,
      connection_config: withoutRefreshTokens(connection.connectionConfig),
    })),
    connection_count: connections.length,
    has_webhook: provider.webhook_routing_script !== undefined,
    has_webhook_user_defined_secret: provider.webhook_user_defined_secret ?? false,
    webhook_url: webhookUrl(world, scope.environment, integration),
  };
}

function bindMetadataRoutes(serve: Serve, world: World): void {
  const verbs = [
    [connections.setMetadata, setMetadata],
    [connections.setMetadataLegacy, setMetadata],
    [connections.updateMetadata, updateMetadata],
    [connections.updateMetadataLegacy, updateMetadata],
  ] as const;
  for (const [route, write] of verbs) {
    serve(route).by(async ({ body }, scope) => {
      const connectionIds = Array.isArray(body.connection_id) ? body.connection_id : [body.connection_id];
      await write(world, scope, { providerConfigKey: body.provider_config_key, connectionIds, metadata: body.metadata });
      return body;
    });
  }
  const ofOne = [
    [connections.setMetadataOfOneLegacy, setMetadata],
    [connections.updateMetadataOfOneLegacy, updateMetadata],
  ] as const;
  for (const [route, write] of ofOne) {
    serve(route).by(async ({ params, query, headers, body }, scope) => {
      const providerConfigKey = query.provider_config_key ?? headers['provider-config-key'];
      if (!providerConfigKey) throw problem('missing_provider_config_key');
      await write(world, scope, { providerConfigKey, connectionIds: [params.connectionId], metadata: body });
      return body;
    });
  }
}

async function read(world: World, scope: Scope, name: { connectionId: string; providerConfigKey: string }, options: ReadOptions) {
  if (options.refresh_token || options.force_refresh || options.refresh_github_app_jwt_token)
    requireScope(scope, ['environment:connections:read_credentials']);
  const readsSecrets = granted(scope.grants, 'environment:connections:read_credentials');
  const target = await findWithIntegration(world, scope, name);
  if (!readsSecrets) return wireConnection(withoutSecrets(world, target), {});
  try {
    const { connection, access } = await accessConnection(world, scope, target, { force: options.force_refresh });
    const shown = await shownConnection(world, { connection, access }, { appToken: options.refresh_github_app_jwt_token });
    return options.refresh_token ? shown : withoutRefreshTokens(shown);
  } catch (error) {
    // Read again: the failure has left its mark on the connection.
    throw error instanceof Problem ? withConnection(error, withoutSecrets(world, await findWithIntegration(world, scope, name))) : error;
  }
}

/** A refresh that fails answers with the connection itself; the route words its cause. */
function withConnection({ code, message }: Problem, connection: Connection): Problem {
  return problem(code, { message, payload: { connection: wireConnection(connection, {}) } });
}

/** Rows from before secret fields were sealed may still hold them. */
const withoutSecrets = (world: World, { connection, integration }: Target): Connection => ({
  ...connection,
  connectionConfig: apart(providerOf(world, integration), connection.connectionConfig).plain,
});

async function detail(world: World, target: Target) {
  const { connection } = target;
  const credentials = await openCredentials(world, connection);
  const shown = masked(handedOut(credentials));
  return {
    ...wireConnection(connection, shown as JsonObject), // masking keeps the shape of an object
    connection_config: withoutRefreshTokens(withoutSecrets(world, target).connectionConfig),
    auth_mode: connection.authMode,
    expires_at: expiryOf(credentials),
    last_refreshed_at: connection.refreshedAt && offsetTime(connection.refreshedAt),
    refresh_error: connection.refreshError,
  };
}

/** Of the credentials themselves: the row's own date is when to look at them next, also for those that never expire. */
function expiryOf(credentials: Credentials): string | null {
  return 'expires_at' in credentials && credentials.expires_at ? offsetTime(new Date(credentials.expires_at)) : null;
}
