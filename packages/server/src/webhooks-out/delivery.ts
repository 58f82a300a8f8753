/** A delivery: one event on its way to one address. Its body is written once and sent unchanged on every attempt. */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import { type Machine, transition } from '../base/states.ts';
import type { Database } from '../base/world.ts';

export type DeliveryState = 'pending' | 'delivered' | 'failed';
/** `postpone`: an attempt failed and others remain. `giveUp`: none remains, or none can succeed. */
export type DeliveryEvent = 'succeed' | 'postpone' | 'giveUp' | 'redeliver';

const over = { succeed: null, postpone: null, giveUp: null, redeliver: 'pending' } as const;
/** A delivery ends once; only a person sends it again. */
export const nextState: Machine<DeliveryState, DeliveryEvent> = {
  pending: { succeed: 'delivered', postpone: 'pending', giveUp: 'failed', redeliver: null },
  delivered: over,
  failed: over,
};

export type Delivery = {
  readonly id: string;
  readonly environmentId: number;
  /** `auth`, `sync`, `sync_deletions_held`, `async_action`. */
  readonly type: string;
  readonly url: string;
  readonly body: string;
  /** Made so far. */
  readonly attempts: number;
  /** One for each time that it is sent: of a delivery sent again it is another. */
  readonly operationId: string | null;
};

/**
 * One that waits for an attempt; undefined when it is done, given up or gone. A job may ask before `nextAt`: one that outlived a crash, or
 * one that was taken just before the database's clock was set back.
 */
export function lookPending(db: Database, id: string): Promise<(Delivery & { nextAt: Date; isDue: boolean }) | undefined> {
  return one(
    db,
    sql<
      Delivery & { nextAt: Date; isDue: boolean }
    >`select id, environment_id, type, url, body, attempts, operation_id, next_at, next_at <= now() as is_due
      from webhook_deliveries where id = ${id} and state = any(${transition(nextState, 'succeed').from}::text[])`,
  );
}
