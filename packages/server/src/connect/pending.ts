/** Connections that wait for a webhook of their provider: what they go on with is kept sealed, and found by what the webhook says. */
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { type Credentials, storedCredentials } from '../credentials/credentials.ts';
import type { Integration } from '../integrations/integration.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';

/** An owner may take weeks to approve. */
const DAYS_MAX = 90;

export type Waiting = {
  /** Row id. */
  readonly connectionId: number;
  readonly isNew: boolean;
  readonly credentials: Credentials;
  readonly connectionConfig: JsonObject;
};
type Place = { readonly environmentId: number; readonly connectionId: number };
export const pendingPlace = ({ environmentId, connectionId }: Place) => ({ environmentId, context: `connect-pending:${connectionId}` });

/** One for each connection: who asks twice waits for the second. */
export async function rememberPending(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { id: integrationId, environmentId }: Integration,
  { awaits, ...waiting }: Waiting & { awaits: string },
): Promise<void> {
  const { connectionId, isNew, ...content } = waiting;
  const sealed = await seal(keyring, pendingPlace({ environmentId, connectionId }), JSON.stringify(content));
  await run(
    db,
    sql`insert into connect_pending (connection_id, environment_id, integration_id, awaits, sealed, is_new)
        values (${connectionId}, ${environmentId}, ${integrationId}, ${awaits}, ${sealed}, ${isNew})
        on conflict (connection_id) do update
           set awaits = excluded.awaits, sealed = excluded.sealed, is_new = excluded.is_new and connect_pending.is_new, created_at = now()`,
  );
}

/** The newest: who gave up and began again waits there. */
export async function lookPending(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { id: integrationId, environmentId }: Integration,
  awaits: string,
): Promise<Waiting | undefined> {
  const row = await one<{ connectionId: number; isNew: boolean; sealed: Buffer }>(
    db,
    sql`select connection_id, is_new, sealed from connect_pending
         where environment_id = ${environmentId} and integration_id = ${integrationId} and awaits = ${awaits}
         order by created_at desc limit 1`,
  );
  if (!row) return undefined;
  const { sealed, ...rest } = row;
  const content = JSON.parse(await open(keyring, pendingPlace({ environmentId, connectionId: row.connectionId }), sealed));
  return { ...rest, credentials: storedCredentials.parse(content.credentials), connectionConfig: content.connectionConfig };
}

/** Of two webhooks, or a webhook and a person who connects again, one wins. @returns undefined for who comes second, and where nothing waits */
export function endPending(db: Database, { environmentId, connectionId }: Place): Promise<{ isNew: boolean } | undefined> {
  return one<{ isNew: boolean }>(
    db,
    sql`delete from connect_pending where environment_id = ${environmentId} and connection_id = ${connectionId} returning is_new`,
  );
}

export async function endPendingOfEnvironment(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from connect_pending where environment_id = ${environmentId}`);
}

/** Of all environments: what nobody approved for long is not waited for any more. */
export async function sweepPending(db: Database): Promise<void> {
  await run(db, sql`delete from connect_pending where created_at < now() - ${`${DAYS_MAX} days`}::interval`);
}
