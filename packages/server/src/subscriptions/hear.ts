/** What the door of webhooks asks about one that names its subscription. */
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { placeOf } from './subscription.ts';

export type Heard = {
  readonly id: string;
  /** Row id. */
  readonly connectionId: number;
  /** What the provider signs with, or sends along. */
  readonly secret: string;
};
type Row = { id: string; environmentId: number; connectionId: number; secretSealed: Buffer };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @returns undefined when the integration has no such subscription, or none that was asked for yet */
export async function lookSubscription(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environmentId, id: integrationId }: { environmentId: number; id: number },
  id: string,
): Promise<Heard | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await one<Row>(
    db,
    sql`select id, environment_id, connection_id, secret_sealed from webhook_subscriptions
         where id = ${id} and environment_id = ${environmentId} and integration_id = ${integrationId} and secret_sealed is not null`,
  );
  return row && { id: row.id, connectionId: row.connectionId, secret: await open(keyring, placeOf(row), row.secretSealed) };
}

/** After it was verified. To the minute, so that a flood of webhooks does not write a row for each. */
export async function noteHeard({ db, clock }: Pick<World, 'db' | 'clock'>, environmentId: number, id: string): Promise<void> {
  const now = clock.now();
  await run(
    db,
    sql`update webhook_subscriptions set last_event_at = ${now}
         where environment_id = ${environmentId} and id = ${id} and (last_event_at is null or last_event_at < ${new Date(now.getTime() - 60_000)})`,
  );
}
