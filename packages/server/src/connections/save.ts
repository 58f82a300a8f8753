/**
 * Save a connection: make it, or give the existing one new credentials. Its row, metadata, tags, end user, records and sync state stay;
 * only what is given is replaced, and what earlier failures left is cleared. Publishes `connection.saved` in the same transaction, or has a
 * job do it that first asks the provider more.
 */
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { one, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { type Credentials, credentialsExpireAt } from '../credentials/credentials.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { afterConnectOf } from '../credentials/quirks/quirks.ts';
import type { Events } from '../events/event.ts';
import { publish } from '../events/publish.ts';
import type { Integration } from '../integrations/integration.ts';
import { providerOf } from '../providers/own.ts';
import { enqueue } from '../queue/enqueue.ts';
import { type Connection, refOf, type StoredEndUser } from './connection.ts';
import { findConnectionById } from './find.ts';
import { apart, openSecrets, sealSecrets } from './secrets.ts';
import type { Target } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

export type NewConnection = {
  integration: Integration;
  authMode: string;
  connectionId: string;
  credentials: Credentials;
  connectionConfig?: JsonObject | undefined;
  /** Over what is there, value by value, instead of in its place: for reconnects, since functions and the app write there too. */
  keepsConfig?: boolean;
  metadata?: JsonObject | undefined;
  tags?: Record<string, string> | undefined;
  endUser?: StoredEndUser | undefined;
  /** It waits for its provider: nobody is told of it. */
  isPending?: boolean;
  /** What it is told as, where that is not what the row says: one that waited is new when it is complete. */
  toldAs?: 'creation';
  /** '' clears it. */
  webhookUrlOverride?: string | undefined;
  /** Names the account at the provider, where it tells. */
  account?: string | undefined;
  /** Refuse another account than the connection's. */
  requireSameAccount?: boolean;
};
export type Saved = { connection: Connection; integration: Integration; operation: 'creation' | 'override' };

/** @throws CredentialsError `different_account`, and nothing is changed */
export async function saveConnection(
  world: Pick<World, 'db' | 'keyring' | 'clock' | 'builtIns'>,
  scope: InEnvironment,
  wanted: NewConnection,
): Promise<Saved> {
  return transaction(world.db, async (tx) => {
    if (wanted.requireSameAccount) await checkAccount(tx, scope, wanted);
    const given = apart(providerOf(world, wanted.integration), wanted.connectionConfig ?? {});
    const open = { ...wanted, connectionConfig: wanted.connectionConfig && given.plain };
    const row = await upsert(tx, scope, open, credentialsExpireAt(wanted.credentials, world.clock.now()));
    const place = { environmentId: scope.environment.id, ...row };
    const keeps = row.existed && (wanted.keepsConfig || wanted.connectionConfig === undefined);
    const config = { ...(keeps ? (await openSecrets(world, place)).config : {}), ...given.secret };
    const sealed = await sealSecrets(world, place, { credentials: wanted.credentials, config });
    await run(
      tx,
      sql`update connections set credentials_sealed = ${sealed} where environment_id = ${scope.environment.id} and id = ${row.id}`,
    );
    const found = await findConnectionById({ db: tx }, scope, row.id);
    const operation = row.existed ? 'override' : 'creation';
    const { tags, endUser } = found.connection;
    const news: Events['connection.saved'] = { connection: refOf(found.connection), operation, tags, endUser };
    if (wanted.isPending) return { ...found, operation };
    await tellOrAsk(world, tx, found, {
      saves: row.saves,
      news: { ...news, operation: row.untold ?? wanted.toldAs ?? operation },
    });
    return { ...found, operation };
  });
}

async function checkAccount(
  tx: Database,
  { environment }: InEnvironment,
  { integration, connectionId, account }: NewConnection,
): Promise<void> {
  const before = await one<{ account: string | null }>(
    tx,
    sql`select account_id as account from connections
         where environment_id = ${environment.id} and integration_id = ${integration.id} and connection_id = ${connectionId}
           and deleted_at is null for update`,
  );
  if (before && account !== undefined && before.account === account) return;
  const why =
    account === undefined ? 'the provider did not say whose account this is' : 'this is another account than the one connected so far';
  throw new CredentialsError('different_account', `${why}; sign in with the same account as before`);
}

type Telling = { readonly saves: number; readonly news: Events['connection.saved'] };

async function tellOrAsk(
  world: Pick<World, 'builtIns'>,
  tx: Database,
  { connection: { environmentId, id }, integration }: Target,
  { saves, news }: Telling,
): Promise<void> {
  const provider = providerOf(world, integration);
  if (!provider || !afterConnectOf(provider)) return publish(tx, environmentId, 'connection.saved', news);
  await run(tx, sql`update connections set news = ${JSON.stringify(news)}::jsonb where environment_id = ${environmentId} and id = ${id}`);
  await enqueue(tx, { task: 'post-connection', payload: { environmentId, connectionId: id, saves, failures: 0 } });
}

const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));

/** New credentials clear what earlier failures left, and raise the fence: a refresh of the old ones can no longer store its result. */
function upsert(tx: Database, { environment }: InEnvironment, wanted: NewConnection, expiresAt: Date) {
  const { integration } = wanted;
  const override = wanted.webhookUrlOverride;
  return only<{ id: number; existed: boolean; credentialsSealed: Buffer; saves: number; untold: 'creation' | 'override' | null }>(
    tx,
    sql`insert into connections as c (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed, expires_at,
                                      connection_config, metadata, tags, end_user, webhook_url_override, account_id)
        values (${environment.id}, ${integration.id}, ${wanted.connectionId}, ${integration.provider}, ${wanted.authMode}, ''::bytea,
                ${expiresAt}, coalesce(${json(wanted.connectionConfig)}::jsonb, '{}'), ${json(wanted.metadata)}::jsonb,
                coalesce(${json(wanted.tags)}::jsonb, '{}'), ${json(wanted.endUser)}::jsonb, nullif(${override ?? null}::text, ''),
                ${wanted.account ?? null}::text)
        on conflict (integration_id, connection_id) where deleted_at is null do update
           set provider = excluded.provider, auth_mode = excluded.auth_mode, expires_at = excluded.expires_at,
               connection_config = case when ${wanted.keepsConfig ?? false} then c.connection_config - 'pending' else '{}' end
                                   || coalesce(${json(wanted.connectionConfig)}::jsonb, c.connection_config),
               metadata = coalesce(${json(wanted.metadata)}::jsonb, c.metadata),
               tags = coalesce(${json(wanted.tags)}::jsonb, c.tags),
               end_user = coalesce(${json(wanted.endUser)}::jsonb, c.end_user),
               webhook_url_override = case when ${override !== undefined} then nullif(${override ?? null}::text, '') else c.webhook_url_override end,
               errors = coalesce((select jsonb_agg(e) from jsonb_array_elements(c.errors) e where e ->> 'type' <> 'auth'), '[]'),
               account_id = excluded.account_id,
               refresh_fence = c.refresh_fence + 1, refresh_leased_until = null, refresh_holder = null, refresh_unanswered_since = null,
               refresh_failed_at = null, refresh_failed_days = 0, refresh_failure = null, refresh_failures = 0, refresh_retry_at = null,
               refresh_error = null, saves = c.saves + 1, updated_at = now()
        returning id, (refresh_fence > 0) as existed, credentials_sealed, saves, news ->> 'operation' as untold`,
  );
}
