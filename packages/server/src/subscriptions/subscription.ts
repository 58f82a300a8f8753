/** A subscription: one thing of one connection, or of an integration's whole app, that its provider was asked to send webhooks about. */
import type { Subscription as Wire } from '@bowline/api/subscriptions';
import { sql } from 'kysely';
import type { Place } from '../vault/sealed.ts';
import type { SubscriptionState } from './state.ts';

export type Remote = {
  /** What the provider calls it; where it takes the name that we give it, that one. */
  readonly id: string;
  /** The name that we gave it: another one each time it is made. */
  readonly channel: string;
  /** Where an app has one address: the one it was given, and the events that were asked for here, with commas. */
  readonly url?: string;
  readonly asked?: string;
  readonly [kept: string]: string | undefined;
};

export type Subscription = {
  /** UUID; part of the address that the provider was given. */
  readonly id: string;
  readonly environmentId: number;
  readonly integrationId: number;
  /** Null: of the whole integration. */
  readonly connectionId: number | null;
  readonly target: string;
  readonly events: readonly string[];
  readonly state: Exclude<SubscriptionState, 'gone'>;
  readonly isDoubtful: boolean;
  readonly remote: Remote | null;
  readonly secretSealed: Buffer | null;
  readonly madeAt: Date | null;
  readonly expiresAt: Date | null;
  readonly turn: number;
  readonly failures: number;
  readonly error: string | null;
  readonly nextAt: Date | null;
  readonly lastEventAt: Date | null;
  readonly misses: number;
  readonly createdAt: Date;
};

export const columns = sql`id, environment_id, integration_id, connection_id, target, events, state, is_doubtful, remote, secret_sealed, made_at,
  expires_at, turn, failures, error, next_at, last_event_at, misses, created_at`;

export const placeOf = ({ environmentId, id }: Pick<Subscription, 'environmentId' | 'id'>): Place => ({
  environmentId,
  context: `subscription:${environmentId}:${id}`,
});

/** As long as it is asked for again: one job at a time. */
export const jobKeyOf = (id: string) => `subscription:${id}`;

export type Named = Subscription & { readonly connection: string | null; readonly integration: string };

export function wireSubscription(row: Named): Wire {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id: row.id,
    integration: row.integration,
    connection: row.connection,
    target: row.target === '' ? null : row.target,
    events: [...row.events],
    state: row.state === 'asking' && row.failures > 0 ? 'failing' : row.state,
    error: row.error,
    made_at: time(row.madeAt),
    expires_at: time(row.expiresAt),
    next_at: time(row.nextAt),
    last_event_at: time(row.lastEventAt),
  };
}
