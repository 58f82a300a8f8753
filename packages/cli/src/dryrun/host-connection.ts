/** The connection of a dry run, its integration and its environment: read from the server, changed there only past the guard. */
import type { ConnectionCall } from '@bowline/api/calls';
import { type Answers, refused } from '../local/calls.ts';
import { relayed } from './server.ts';
import type { Setup } from './setup.ts';

export function connectionAnswers(setup: Setup): Answers<ConnectionCall> {
  const { server, own, found, tell, guard } = setup;
  const { connections, integrations, environment, actions } = server.api;
  const read = (connectionId: string, provider_config_key: string, options: Record<string, string> = {}) =>
    relayed(server, connections.get({ params: { connectionId }, query: { provider_config_key, ...options } }));
  const metadata = metadataAnswers(setup);
  return {
    ...metadata.answers,
    'connection.get': async ({ connectionId = own.connectionId, providerConfigKey = own.providerConfigKey, ...options }) => {
      const connection = await read(connectionId, providerConfigKey, flagsOf(options));
      if (connectionId !== own.connectionId || providerConfigKey !== own.providerConfigKey) {
        found.gaps.push(`The connection ${connectionId} of ${providerConfigKey} is not in it; a replay knows only the run's own.`);
        return { value: connection };
      }
      const seen = { ...connection, metadata: metadata.seen(connection.metadata) };
      found.connection = seen;
      found.metadata ??= seen.metadata;
      return { value: seen };
    },
    'token.get': async () => {
      const { credentials } = await read(own.connectionId, own.providerConfigKey);
      if (Object.keys(credentials).length === 0)
        throw refused('forbidden', `The API key from ${server.keySource} may not read credentials, so getToken has nothing to answer.`);
      found.token = Object(credentials.type === 'CUSTOM' ? credentials.app : credentials).access_token ?? credentials;
      return { value: found.token };
    },
    'integration.get': async ({ include }) => {
      const asked = include.length > 0 ? { include: include.join(',') } : {};
      const answer = await relayed(server, integrations.get({ params: { uniqueKey: own.providerConfigKey }, query: asked }));
      found.integration = answer.data;
      return { value: answer.data };
    },
    'variables.get': async () => {
      found.variables = await relayed(server, environment.variables({ query: {} }));
      return { value: found.variables };
    },
    'attributes.get': () => ({ value: {} }),
    'action.trigger': async ({ providerConfigKey, connectionId, name, input }) => {
      await guard(`The action ${providerConfigKey}/${name}`);
      tell.note(`calls the action ${name} as it is deployed: what it does is real`);
      const headers = { 'connection-id': connectionId, 'provider-config-key': providerConfigKey };
      const output = await relayed(server, actions.trigger({ query: {}, headers, body: { action_name: name, input } }));
      found.actions[`${providerConfigKey}/${name}`] = output;
      return { value: output };
    },
    'sync.trigger': ({ name }) => {
      tell.note(`the sync ${name} would be triggered`);
      return { value: { success: true } };
    },
    'sync.start': ({ syncs }) => {
      tell.note(`the syncs ${syncs.map(({ name }) => name).join(', ')} would be started`);
      return { value: { success: true } };
    },
  };
}

/** Given metadata and those of a read-only run live here; else what the function writes is written. */
function metadataAnswers({ server, own, values, readOnly, tell, guard }: Setup) {
  let kept: Record<string, unknown> | undefined = values.metadata;
  let stored: unknown;
  const isLocal = readOnly || kept !== undefined;
  const body = (metadata: Record<string, unknown>) => ({
    connection_id: own.connectionId,
    provider_config_key: own.providerConfigKey,
    metadata,
  });
  const answers: Answers<'metadata.set' | 'metadata.update'> = {
    'metadata.set': async ({ metadata }) => {
      if (isLocal) kept = metadata;
      else {
        await guard('Replacing the metadata of the connection');
        await relayed(server, server.api.connections.setMetadata({ query: {}, body: body(metadata) }));
      }
      tell.note(`the metadata ${isLocal ? 'would be' : 'are'} replaced`);
      return { value: { success: true } };
    },
    'metadata.update': async ({ metadata }) => {
      if (isLocal) kept = { ...Object(kept ?? stored ?? (await current())), ...metadata };
      else {
        await guard('Changing the metadata of the connection');
        await relayed(server, server.api.connections.updateMetadata({ query: {}, body: body(metadata) }));
      }
      tell.note(`the metadata ${isLocal ? 'would be' : 'are'} changed`);
      return { value: { success: true } };
    },
  };
  const current = async (): Promise<unknown> => {
    const { connections } = await relayed(
      server,
      server.api.connections.list({ query: { connectionId: own.connectionId, integrationId: own.providerConfigKey } }),
    );
    return connections[0]?.metadata;
  };
  const seen = (ofServer: unknown): unknown => {
    stored = ofServer;
    return kept ?? ofServer;
  };
  return { answers, seen };
}

function flagsOf({ refreshToken, forceRefresh, refreshGithubAppJwtToken }: Record<string, unknown>): Record<string, string> {
  const flags = { refresh_token: refreshToken, force_refresh: forceRefresh, refresh_github_app_jwt_token: refreshGithubAppJwtToken };
  return Object.fromEntries(Object.entries(flags).flatMap(([name, value]) => (value === true ? [[name, 'true']] : [])));
}
