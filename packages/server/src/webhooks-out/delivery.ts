/** A delivery: one event on its way to one address. Its body is written once and sent unchanged on every attempt. */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { Database } from '../base/world.ts';

export type Delivery = {
  readonly id: string;
  readonly environmentId: number;
  /** `auth`, `sync`, `sync_deletions_held`, `async_action`. */
  readonly type: string;
  readonly url: string;
  readonly body: string;
  /** Made so far. */
  readonly attempts: number;
  readonly operationId: string | null;
};

/** One that is to be delivered now; undefined when it is done, given up, gone, or not due: a job that outlived a crash may ask too early. */
export function lookDue(db: Database, id: string): Promise<Delivery | undefined> {
  return one(
    db,
    sql<Delivery>`select id, environment_id, type, url, body, attempts, operation_id from webhook_deliveries where id = ${id} and state = 'pending' and next_at <= now()`,
  );
}
