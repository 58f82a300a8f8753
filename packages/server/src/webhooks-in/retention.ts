/** How long webhooks are kept: longer than any provider repeats one (Stripe: three days), and long enough to look into what went wrong. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';

const KEPT = '7 days';
/** For a worker that nobody starts; then their integration is gone. */
const WAITED = '30 days';
const BATCH = 5_000;

/** Of all environments. One that nobody has seen to yet stays longer. @returns how many are gone */
export async function sweepIncoming({ db }: Pick<World, 'db'>): Promise<number> {
  let all = 0;
  for (;;) {
    const gone = await run(
      db,
      sql`delete from incoming_webhooks where id in (
            select id from incoming_webhooks where received_at < now() - ${KEPT}::interval and (state = 'routed' or received_at < now() - ${WAITED}::interval) limit ${BATCH})`,
    );
    all += gone;
    if (gone < BATCH) return all;
  }
}

export async function removeIncoming(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from incoming_webhooks where environment_id = ${environmentId}`);
}
