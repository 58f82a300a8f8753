/** What an integration got of its provider lately, and what became of it. */
import type { IncomingWebhook } from '@bowline/api/dashboard-webhooks';
import { sql } from 'kysely';
import { many, only } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';

const NEWEST = 20;
type Row = Omit<IncomingWebhook, 'received_at'> & { readonly receivedAt: Date };

/** @throws unknown_provider_config */
export async function listIncoming({ db }: Pick<World, 'db'>, scope: Scope, uniqueKey: string) {
  const { id } = await findIntegration({ db }, scope, uniqueKey);
  const own = sql`environment_id = ${scope.environment.id} and integration_id = ${id}`;
  const [{ received }, refused, newest] = await Promise.all([
    only<{ received: number }>(
      db,
      sql`select count(*)::int as received from incoming_webhooks where ${own} and received_at > now() - interval '1 day'`,
    ),
    many<{ reason: string; count: number }>(
      db,
      sql`select reason, sum(count)::int as count from refused_webhooks where ${own} and minute > now() - interval '1 day' group by reason order by 2 desc`,
    ),
    many<Row>(
      db,
      sql`select id, event, verified, bytes, state, connections, runs, forwards, received_at from incoming_webhooks where ${own}
           order by received_at desc limit ${NEWEST}`,
    ),
  ]);
  return { received, refused, newest: newest.map(({ receivedAt, ...row }) => ({ ...row, received_at: receivedAt.toISOString() })) };
}
