/** A connection: one end user's access through one integration. Its credentials are sealed for its row and opened only where they are used. */
import type { ConnectionSummary, EndUserAnswer, Connection as Wire } from '@bowline/api/connections';
import type { EndUser, JsonObject, Organization } from '@bowline/api/fields';
import type { ConnectionRef } from '../events/event.ts';
import type { Place } from '../vault/sealed.ts';

export type StoredEndUser = EndUser & { organization?: Organization | undefined };
export type ConnectionError = { type: 'auth' | 'sync'; log_id: string; key?: string };

export type Connection = {
  readonly id: number;
  readonly environmentId: number;
  readonly integrationId: number;
  readonly connectionId: string;
  readonly providerConfigKey: string;
  readonly provider: string;
  readonly authMode: string;
  readonly credentialsSealed: Buffer;
  readonly expiresAt: Date | null;
  readonly connectionConfig: JsonObject;
  readonly metadata: JsonObject | null;
  readonly tags: Record<string, string>;
  readonly endUser: StoredEndUser | null;
  readonly webhookUrlOverride: string | null;
  readonly errors: ConnectionError[];
  readonly lastFetchedAt: Date | null;
  readonly refreshFence: number;
  /** Another caller refreshes until then at the latest. */
  readonly refreshLeasedUntil: Date | null;
  /** After a failure: not to be asked again before. */
  readonly refreshRetryAt: Date | null;
  readonly refreshedAt: Date | null;
  readonly refreshFailedAt: Date | null;
  readonly refreshFailedDays: number;
  readonly refreshError: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Another after each change; absent where it was not looked up by its name or id. */
  readonly version?: string;
};

export const placeOf = (environmentId: number, id: number): Place => ({ environmentId, context: `connection:${environmentId}:${id}` });

/** The provider has not said yet that it may be used: an owner has to approve, or somebody to install. */
export const isPending = ({ connectionConfig }: Pick<Connection, 'connectionConfig'>) => connectionConfig.pending === true;

export function refOf({ id, connectionId, providerConfigKey, provider, authMode }: Connection): ConnectionRef {
  return { id, connectionId, providerConfigKey, provider, authMode };
}

const FAILED_DAYS_MAX = 4;

/** Refreshing failed on so many different days that callers are told to have it connected again. */
export const isExhausted = ({ refreshFailedDays }: Pick<Connection, 'refreshFailedDays'>) => refreshFailedDays >= FAILED_DAYS_MAX;

/** `2026-08-01T10:00:00.000+00:00`: the connection's own dates on the wire. */
export const offsetTime = (date: Date) => date.toISOString().replace('Z', '+00:00');

function wireEndUser(endUser: StoredEndUser | null): EndUserAnswer | null {
  if (!endUser) return null;
  const { id, display_name, email, tags, organization } = endUser;
  return {
    id,
    display_name: display_name ?? null,
    email: email ?? null,
    tags: tags ?? null,
    organization: organization ? { id: organization.id, display_name: organization.display_name ?? null } : null,
  };
}

export function wireSummary(connection: Connection): ConnectionSummary {
  return {
    id: connection.id,
    connection_id: connection.connectionId,
    provider_config_key: connection.providerConfigKey,
    provider: connection.provider,
    errors: connection.errors.map(({ type, log_id }) => ({ type, log_id })),
    end_user: wireEndUser(connection.endUser),
    tags: connection.tags,
    metadata: connection.metadata,
    created: offsetTime(connection.createdAt),
  };
}

/**
 * @param credentials what the caller may see of them, `{}` for nothing
 * @param secrets what the wire has in the configuration and we keep with the credentials, for those who may see them
 */
export function wireConnection(connection: Connection, credentials: JsonObject, secrets: JsonObject = {}): Wire {
  const { created: _created, ...summary } = wireSummary(connection);
  return {
    ...summary,
    connection_config: { ...connection.connectionConfig, ...secrets },
    webhook_url_override: connection.webhookUrlOverride,
    created_at: offsetTime(connection.createdAt),
    updated_at: offsetTime(connection.updatedAt),
    last_fetched_at: connection.lastFetchedAt && offsetTime(connection.lastFetchedAt),
    credentials,
  };
}
