/** What the door of webhooks asks about those whose address names a subscription: for whom they are, and what their provider signs with. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { connectionNames } from '../connections/find.ts';
import type { NamedConnection } from '../connections/named.ts';
import { open } from '../vault/open.ts';
import { placeOf } from './subscription.ts';

type OfIntegration = { readonly environmentId: number; readonly id: number };

/** Of one integration: another's subscription is simply not there. Compared as texts, since an address may hold anything. */
const these = ({ environmentId, id }: OfIntegration, ids: readonly string[]) => sql`
  environment_id = ${environmentId} and integration_id = ${id} and webhook_subscriptions.id = any(${ids.filter((one) => UUID.test(one))}::uuid[])`;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function connectionsSubscribed(
  db: Database,
  integration: OfIntegration,
  { values }: { readonly values: readonly string[] },
): Promise<NamedConnection[]> {
  const rows = await many<{ connectionId: number }>(
    db,
    sql`select distinct connection_id from webhook_subscriptions where ${these(integration, values)} and connection_id is not null`,
  );
  const names = await connectionNames(
    db,
    { environment: { id: integration.environmentId } },
    rows.map(({ connectionId }) => connectionId),
  );
  return [...names].map(([id, connectionId]) => ({ id, connectionId }));
}

/** What their provider signs with, or sends along. None of those that it was not asked for yet. */
export async function secretsOfSubscriptions(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  integration: OfIntegration,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await many<{ id: string; environmentId: number; secretSealed: Buffer }>(
    db,
    sql`select id, environment_id, secret_sealed from webhook_subscriptions where ${these(integration, ids)} and secret_sealed is not null`,
  );
  return Promise.all(rows.map((row) => open(keyring, placeOf(row), row.secretSealed)));
}

/** The same for those whose webhooks come to no address of their own: by the connections that they were for. */
export async function noteHeardOf(
  { db, clock }: Pick<World, 'db' | 'clock'>,
  environmentId: number,
  connections: readonly number[],
): Promise<void> {
  if (connections.length === 0) return;
  const rows = await many<{ id: string }>(
    db,
    sql`select id from webhook_subscriptions where environment_id = ${environmentId} and connection_id = any(${[...connections]}::int[])`,
  );
  await noteHeard(
    { db, clock },
    environmentId,
    rows.map(({ id }) => id),
  );
}

/** That genuine webhooks came through them. To the minute, so that a flood of them does not write a row for each. */
export async function noteHeard({ db, clock }: Pick<World, 'db' | 'clock'>, environmentId: number, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const now = clock.now();
  await run(
    db,
    sql`update webhook_subscriptions set last_event_at = ${now}
         where environment_id = ${environmentId} and id = any(${ids.filter((one) => UUID.test(one))}::uuid[])
           and (last_event_at is null or last_event_at < ${new Date(now.getTime() - 60_000)})`,
  );
}
