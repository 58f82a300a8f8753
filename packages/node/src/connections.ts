/** Connections: listed, read, changed, deleted, and waited for. */

import { type ConnectionFilter, filterQuery, type OlderFilter } from './connection-filter.ts';
import { BowlineError } from './errors.ts';
import { FunctionCalls } from './functions.ts';
import type { Reply, Untyped } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { path, send, sleep } from './transport.ts';
import type { Connection, ConnectionChange, Connections, Success } from './wire.ts';

/**
 * How long to wait for a connection to be made.
 *
 * @example
 * import type { Waiting } from '@bowline/node';
 * const patiently: Waiting = { everyMs: 5_000, waitMs: 300_000 };
 * const connection = await client.waitForConnection('github', 'user-1', patiently);
 */
export type Waiting = CallOptions & {
  /** Between two looks. Default: 2 s. */
  everyMs?: number | undefined;
  /** Altogether. Default: 70 s. */
  waitMs?: number | undefined;
};
/**
 * A token by itself, in the form its auth mode has.
 *
 * @example
 * import type { Token } from '@bowline/node';
 * const token: Token = await client.getToken('github', 'user-1');
 * if (typeof token === 'string') await fetch('https://api.github.com/user', { headers: { authorization: `Bearer ${token}` } });
 */
export type Token = string | { oAuthToken: string; oAuthTokenSecret: string } | { [field: string]: unknown };

export abstract class ConnectionCalls extends FunctionCalls {
  /**
   * Lists connections, newest first.
   *
   * @example
   * const { connections } = await client.listConnections({ userId: 'user-1', integrationId: ['github', 'slack'] });
   */
  async listConnections(filter?: ConnectionFilter, options?: CallOptions): Promise<Connections>;
  /**
   * The older form.
   *
   * @example
   * const { connections } = await client.listConnections(undefined, 'ada', { limit: 10 });
   */
  async listConnections(connectionId?: string | null, search?: string, filter?: OlderFilter, options?: CallOptions): Promise<Connections>;
  async listConnections(
    first?: ConnectionFilter | string | null,
    second?: CallOptions | string,
    filter?: OlderFilter,
    options?: CallOptions,
  ): Promise<Connections> {
    const inObject = typeof first === 'object' && first !== null;
    const given = typeof second === 'object' ? second : options;
    const query = inObject
      ? filterQuery(first)
      : filterQuery({ ...filter, connectionId: first ?? undefined, search: typeof second === 'string' ? second : undefined });
    return (await send<Connections>(this.settings, { method: 'GET', path: '/connections', query }, given)).data;
  }

  /**
   * Reads one connection, its credentials refreshed when they are about to expire.
   *
   * @example
   * const connection = await client.getConnection('github', 'user-1');
   * console.log(connection.credentials);
   */
  async getConnection(
    providerConfigKey: string,
    connectionId: string,
    /** Refresh the credentials even when they are fresh. */
    forceRefresh?: boolean,
    /** Put the refresh token into the answer. */
    refreshToken?: boolean,
    refreshGithubAppJwtToken?: boolean,
    options?: CallOptions,
  ): Promise<Connection> {
    const query = {
      provider_config_key: providerConfigKey,
      force_refresh: forceRefresh ?? false,
      refresh_token: refreshToken ?? false,
      refresh_github_app_jwt_token: refreshGithubAppJwtToken ?? false,
    };
    return (await send<Connection>(this.settings, { method: 'GET', path: path`/connections/${connectionId}`, query }, options)).data;
  }

  /**
   * Changes the end user, the tags or the webhook address of one connection.
   *
   * @example
   * await client.patchConnection({ connectionId: 'user-1', provider_config_key: 'github' }, { tags: { plan: 'pro' } });
   */
  async patchConnection(
    { connectionId, provider_config_key }: { connectionId: string; provider_config_key: string },
    change: ConnectionChange,
    options?: CallOptions,
  ): Promise<Success> {
    const call = { method: 'PATCH', path: path`/connections/${connectionId}`, query: { provider_config_key }, json: change };
    return (await send<Success>(this.settings, call, options)).data;
  }

  /**
   * The access token of one connection; the whole credentials where there is no single token.
   *
   * @example
   * const token = await client.getToken('github', 'user-1');
   */
  async getToken(
    providerConfigKey: string,
    connectionId: string,
    forceRefresh?: boolean,
    refreshGithubAppJwtToken?: boolean,
    options?: CallOptions,
  ): Promise<Token> {
    const { credentials } = await this.getConnection(
      providerConfigKey,
      connectionId,
      forceRefresh,
      false,
      refreshGithubAppJwtToken,
      options,
    );
    if (credentials.type === 'OAUTH2') return String(credentials.access_token);
    if (credentials.type !== 'OAUTH1') return credentials;
    return { oAuthToken: String(credentials.oauth_token), oAuthTokenSecret: String(credentials.oauth_token_secret) };
  }

  /**
   * What the provider answered when it issued the token.
   *
   * @example
   * const raw = await client.getRawTokenResponse<{ scope: string }>('github', 'user-1');
   */
  async getRawTokenResponse<T = { [field: string]: Untyped }>(
    providerConfigKey: string,
    connectionId: string,
    forceRefresh?: boolean,
    options?: CallOptions,
  ): Promise<T> {
    const { credentials } = await this.getConnection(providerConfigKey, connectionId, forceRefresh, false, false, options);
    return credentials.raw as T; // the caller knows the provider
  }

  /**
   * Deletes one connection with its syncs and records.
   *
   * @example
   * await client.deleteConnection('github', 'user-1');
   */
  async deleteConnection(providerConfigKey: string, connectionId: string, options?: CallOptions): Promise<Reply<Success>> {
    const query = { provider_config_key: providerConfigKey };
    return send<Success>(this.settings, { method: 'DELETE', path: path`/connections/${connectionId}`, query }, options);
  }

  /**
   * Resolves once this end user has a connection of this integration.
   *
   * @example
   * const connection = await client.waitForConnection('github', 'user-1', { signal: AbortSignal.timeout(60_000) });
   */
  async waitForConnection(
    providerConfigKey: string,
    userId: string,
    { everyMs = 2_000, waitMs = 70_000, ...options }: Waiting = {},
  ): Promise<Connections['connections'][number]> {
    for (let waitedMs = 0; ; waitedMs += everyMs) {
      const { connections } = await this.listConnections({ userId }, options);
      const found = connections.find((one) => one.provider_config_key === providerConfigKey);
      if (found) return found;
      if (waitedMs >= waitMs) break;
      await sleep(everyMs, options.signal);
    }
    throw new BowlineError('connection_not_made', `${userId} has made no connection to ${providerConfigKey} within ${waitMs / 1000} s`);
  }
}
