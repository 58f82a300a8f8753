/**
 * Purge a deleted environment of its connections and integrations, some at a time: each batch is a transaction with its
 * `connection.deleted` events, so it may be cut short and called again anywhere.
 */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type News, publishAll } from '../events/publish.ts';
import { deleteIntegrationsOf } from '../integrations/delete.ts';
import { listIntegrations } from '../integrations/find.ts';
import type { Connection } from './connection.ts';

/** Each event empties the records of a connection in a transaction of its own, so this one stays short. */
const BATCH = 200;

type Row = Pick<Connection, 'id' | 'connectionId' | 'integrationId' | 'provider' | 'authMode'>;

export async function purgeConnections({ db }: Pick<World, 'db'>, environmentId: number, signal: AbortSignal): Promise<void> {
  const integrations = await listIntegrations({ db }, { environment: { id: environmentId } });
  const keys = new Map(integrations.map(({ id, uniqueKey }) => [id, uniqueKey]));
  // Until there are none: a short batch may only mean that another process was faster with some of it.
  let deleted: number;
  do {
    signal.throwIfAborted();
    deleted = await deleteBatch({ db }, environmentId, keys);
  } while (deleted > 0);
  await deleteIntegrationsOf(db, environmentId);
}

function deleteBatch({ db }: Pick<World, 'db'>, environmentId: number, keys: ReadonlyMap<number, string>): Promise<number> {
  return transaction(db, async (tx) => {
    const rows = await many<Row>(
      tx,
      sql`update connections set deleted_at = now(), credentials_sealed = ''::bytea, refresh_fence = refresh_fence + 1
           where environment_id = ${environmentId} and id in (
             select id from connections where environment_id = ${environmentId} and deleted_at is null order by id limit ${BATCH} for update
           )
          returning id, connection_id, integration_id, provider, auth_mode`,
    );
    const news = rows.map(
      ({ integrationId, ...row }): News => ({
        type: 'connection.deleted',
        payload: { connection: { ...row, providerConfigKey: keys.get(integrationId) ?? '' } },
      }),
    );
    await publishAll(tx, environmentId, news);
    return rows.length;
  });
}
