/** Read subscriptions, and have one asked for again. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import { connectionNames, lookConnection } from '../connections/find.ts';
import type { Scope } from '../http/scope.ts';
import { lookIntegrationById } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { enqueue } from '../queue/enqueue.ts';
import { nextSubscriptionState } from './state.ts';
import { columns, jobKeyOf, type Named, type Subscription } from './subscription.ts';

const LISTED_MAX = 1_000;
const changed = transition(nextSubscriptionState, 'changed');

export async function listSubscriptions(
  world: Pick<World, 'db'>,
  scope: Scope,
  { integration, connectionId }: { integration: Integration; connectionId?: string | undefined },
): Promise<Named[]> {
  const connection = connectionId === undefined ? undefined : await lookConnection(world, scope, integration, connectionId);
  if (connectionId !== undefined && !connection) return [];
  const within = connection ? sql`and connection_id = ${connection.id}` : sql``;
  const rows = await many<Subscription>(
    world.db,
    sql`select ${columns} from webhook_subscriptions
         where environment_id = ${scope.environment.id} and integration_id = ${integration.id} ${within} order by connection_id, target limit ${LISTED_MAX}`,
  );
  return named(world.db, scope, integration, rows);
}

/** @throws not_found, also when it is about to be taken back */
export async function renewSubscription({ db }: Pick<World, 'db'>, scope: Scope, id: string): Promise<Named> {
  return transaction(db, async (tx) => {
    const row = await one<Subscription>(
      tx,
      sql`update webhook_subscriptions set state = ${changed.to}, failures = 0, error = null, turn = turn + 1, next_at = now()
           where environment_id = ${scope.environment.id} and id = ${id} and state = any(${changed.from}::text[]) returning ${columns}`,
    );
    const integration = row && (await lookIntegrationById({ db: tx }, scope, row.integrationId));
    if (!row || !integration) throw problem('not_found', { message: 'There is no such subscription' });
    await enqueue(tx, { task: 'subscription', payload: { environmentId: scope.environment.id, id }, key: jobKeyOf(id) });
    const [wire] = await named(tx, scope, integration, [row]);
    if (!wire) throw problem('not_found');
    return wire;
  });
}

async function named(db: Database, scope: Scope, { uniqueKey }: Integration, rows: readonly Subscription[]): Promise<Named[]> {
  const names = await connectionNames(
    db,
    scope,
    rows.flatMap(({ connectionId }) => connectionId ?? []),
  );
  const nameOf = (id: number | null) => (id === null ? null : (names.get(id) ?? ''));
  return rows.map((row) => ({ ...row, connection: nameOf(row.connectionId), integration: uniqueKey }));
}

type Failing = Pick<Subscription, 'environmentId' | 'id' | 'integrationId' | 'connectionId' | 'error' | 'nextAt'>;

/** Those of all environments that a provider refuses, or that ended before they were renewed. */
export function failingSubscriptions(
  db: Database,
  { now, failures, max }: { now: Date; failures: number; max: number },
): Promise<Failing[]> {
  return many<Failing>(
    db,
    sql`select environment_id, id, integration_id, connection_id, error, next_at from webhook_subscriptions
         where (state = 'asking' and failures >= ${failures}) or (state = 'active' and expires_at < ${now}) order by created_at, id limit ${max}`,
  );
}
