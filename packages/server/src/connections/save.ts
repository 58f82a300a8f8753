/**
 * Save a connection: make it, or give the existing one new credentials. Its row, metadata, tags, records and sync state stay;
 * only what is given is replaced. Publishes `connection.saved` in the same transaction.
 */
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { type Credentials, credentialsExpireAt } from '../credentials/credentials.ts';
import { publish } from '../events/publish.ts';
import type { Integration } from '../integrations/integration.ts';
import { seal } from '../vault/seal.ts';
import { type Connection, placeOf, refOf, type StoredEndUser } from './connection.ts';
import { findConnectionById } from './find.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

export type NewConnection = {
  integration: Integration;
  authMode: string;
  connectionId: string;
  credentials: Credentials;
  connectionConfig?: JsonObject | undefined;
  metadata?: JsonObject | undefined;
  tags?: Record<string, string> | undefined;
  endUser?: StoredEndUser | undefined;
  /** '' clears it. */
  webhookUrlOverride?: string | undefined;
};
export type Saved = { connection: Connection; integration: Integration; operation: 'creation' | 'override' };

export async function saveConnection(
  world: Pick<World, 'db' | 'keyring' | 'clock'>,
  scope: InEnvironment,
  wanted: NewConnection,
): Promise<Saved> {
  return transaction(world.db, async (tx) => {
    const row = await upsert(tx, scope, wanted, credentialsExpireAt(wanted.credentials, world.clock.now()));
    const sealed = await seal(world.keyring, placeOf(scope.environment.id, row.id), JSON.stringify(wanted.credentials));
    await run(
      tx,
      sql`update connections set credentials_sealed = ${sealed} where environment_id = ${scope.environment.id} and id = ${row.id}`,
    );
    const found = await findConnectionById({ db: tx }, scope, row.id);
    const operation = row.existed ? 'override' : 'creation';
    await publish(tx, scope.environment.id, 'connection.saved', {
      connection: refOf(found.connection),
      operation,
      tags: found.connection.tags,
      endUser: found.connection.endUser,
    });
    return { ...found, operation };
  });
}

const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));

/** New credentials clear what earlier failures left, and raise the fence: a refresh of the old ones can no longer store its result. */
function upsert(tx: Database, { environment }: InEnvironment, wanted: NewConnection, expiresAt: Date) {
  const { integration } = wanted;
  const override = wanted.webhookUrlOverride;
  return only<{ id: number; existed: boolean }>(
    tx,
    sql`insert into connections as c (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed, expires_at,
                                      connection_config, metadata, tags, end_user, webhook_url_override)
        values (${environment.id}, ${integration.id}, ${wanted.connectionId}, ${integration.provider}, ${wanted.authMode}, ''::bytea,
                ${expiresAt}, coalesce(${json(wanted.connectionConfig)}::jsonb, '{}'), ${json(wanted.metadata)}::jsonb,
                coalesce(${json(wanted.tags)}::jsonb, '{}'), ${json(wanted.endUser)}::jsonb, nullif(${override ?? null}::text, ''))
        on conflict (integration_id, connection_id) where deleted_at is null do update
           set provider = excluded.provider, auth_mode = excluded.auth_mode, expires_at = excluded.expires_at,
               connection_config = coalesce(${json(wanted.connectionConfig)}::jsonb, c.connection_config),
               metadata = coalesce(${json(wanted.metadata)}::jsonb, c.metadata),
               tags = coalesce(${json(wanted.tags)}::jsonb, c.tags),
               end_user = coalesce(${json(wanted.endUser)}::jsonb, c.end_user),
               webhook_url_override = case when ${override !== undefined} then nullif(${override ?? null}::text, '') else c.webhook_url_override end,
               errors = coalesce((select jsonb_agg(e) from jsonb_array_elements(c.errors) e where e ->> 'type' <> 'auth'), '[]'),
               refresh_fence = c.refresh_fence + 1, refresh_leased_until = null, refresh_failed_at = null, refresh_failed_days = 0,
               refresh_error = null, updated_at = now()
        returning id, (refresh_fence > 0) as existed`,
  );
}
