/** Find endpoints, and show them on the wire. */
import { problem } from '@bowline/api/problem';
import type { WebhookEndpoint } from '@bowline/api/webhook-endpoints';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';

export type Endpoint = {
  readonly id: string;
  readonly environmentId: number;
  readonly kind: 'own' | 'setting';
  readonly url: string;
  readonly description: string;
  readonly types: string[];
  readonly integrations: string[] | null;
  readonly isOrdered: boolean;
  readonly isEnabled: boolean;
  readonly disabledReason: string | null;
  readonly state: 'active' | 'paused';
  readonly failingSince: Date | null;
  readonly restUntil: Date | null;
  readonly createdAt: Date;
  readonly waiting: number;
};

const WAITING_COUNTED_MAX = 10_000;
const select = sql`
  select id, environment_id, kind, url, description, types, integrations, is_ordered, is_enabled, disabled_reason, state, failing_since, rest_until, created_at,
         (select count(*) from (select from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'pending' limit ${WAITING_COUNTED_MAX}) waiting)::int as waiting
    from webhook_endpoints e`;

export function listEndpoints({ db }: Pick<World, 'db'>, { environment }: Scope): Promise<Endpoint[]> {
  return many(db, sql<Endpoint>`${select} where environment_id = ${environment.id} order by kind, created_at, id limit 300`);
}

/** @throws not_found */
export async function findEndpoint({ db }: Pick<World, 'db'>, { environment }: Scope, id: string): Promise<Endpoint> {
  const found = await one(db, sql<Endpoint>`${select} where environment_id = ${environment.id} and id = ${id}::uuid`);
  if (!found) throw noEndpoint();
  return found;
}

export const noEndpoint = () =>
  problem('not_found', { message: 'There is no endpoint of this id; GET /webhooks/endpoints lists those there are' });

export function wireEndpoint(one: Endpoint, now: Date): WebhookEndpoint {
  return {
    id: one.id,
    kind: one.kind,
    url: one.url,
    description: one.description,
    events: one.types,
    integrations: one.integrations,
    ordered: one.isOrdered,
    enabled: one.isEnabled,
    state: one.isEnabled ? one.state : 'disabled',
    disabled_reason: one.disabledReason,
    failing_since: one.failingSince?.toISOString() ?? null,
    next_attempt_at: one.restUntil && one.restUntil > now ? one.restUntil.toISOString() : null,
    waiting: one.waiting,
    created_at: one.createdAt.toISOString(),
  };
}
