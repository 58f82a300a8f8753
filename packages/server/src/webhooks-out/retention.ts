/** Gives up what waited too long, forgets what is old, and what an environment that was deleted held. */
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import { nextState } from './delivery.ts';
import { storeForwarded } from './forwarded.ts';
import { letAllFirstGo } from './line.ts';

/** Attempts end after 3.2 days; what waits longer waits for an endpoint that is paused or disabled. */
const DAYS_WAITED_MAX = 7;
/** Of deliveries that are over, with their attempts. */
const DAYS_KEPT = 14;
const BATCH = 5_000;
const DAY_MS = 24 * 3_600_000;

/** @returns how many were forgotten */
export async function sweepDeliveries(world: Pick<World, 'db' | 'clock' | 'keyring' | 'random'>): Promise<number> {
  const { db, clock } = world;
  while ((await sealEarlier(world)) === SEALED_AT_ONCE);
  const now = clock.now();
  const { from, to } = transition(nextState, 'giveUp');
  await run(
    db,
    sql`update webhook_deliveries set state = ${to}, finished_at = ${now}::timestamptz, last_error = ${`Its endpoint took nothing for ${DAYS_WAITED_MAX} days`}
         where state = any(${from}::text[]) and held_by is null and created_at < ${new Date(now.getTime() - DAYS_WAITED_MAX * DAY_MS)}::timestamptz
           and endpoint_id in (select id from webhook_endpoints where state = 'paused' or not is_enabled)`,
  );
  await letAllFirstGo(db);
  const before = new Date(now.getTime() - DAYS_KEPT * DAY_MS);
  let forgotten = 0;
  for (let more = BATCH; more === BATCH; forgotten += more) more = await forget(db, before);
  // What is pending longer, because it was sent again, still needs its own.
  await run(
    db,
    sql`delete from forwarded_webhooks f where created_at < ${before}::timestamptz
           and not exists (select from webhook_deliveries d where d.created_at < ${before}::timestamptz and d.forward_id = f.id)`,
  );
  await run(
    db,
    sql`delete from webhook_endpoints e where kind = 'setting' and created_at < ${before}::timestamptz
           and not exists (select from webhook_deliveries d where d.endpoint_id = e.id)`,
  );
  return forgotten;
}

const SEALED_AT_ONCE = 200;

/** Bodies that the release before stored in the clear. @returns how many */
function sealEarlier({ db, ...world }: Pick<World, 'db' | 'keyring' | 'random'>): Promise<number> {
  return transaction(db, async (tx) => {
    const rows = await many<{ id: string; environmentId: number; body: string; headers: Record<string, string> | null; at: Date }>(
      tx,
      sql`select id, environment_id, body, headers, created_at as at from webhook_deliveries
           where type = 'forward' and forward_id is null order by id limit ${SEALED_AT_ONCE} for update skip locked`,
    );
    const ids = await storeForwarded(
      world,
      tx,
      rows.map(({ environmentId, body, headers, at }) => ({ environmentId, at, content: { body, headers: headers ?? {} } })),
    );
    return run(
      tx,
      sql`update webhook_deliveries d set forward_id = sealed.id, body = null, headers = null
            from unnest(${rows.map(({ id }) => id)}::uuid[], ${ids}::uuid[]) as sealed(delivery_id, id) where d.id = sealed.delivery_id`,
    );
  });
}

function forget(db: Database, before: Date): Promise<number> {
  return transaction(db, async (tx) => {
    const gone = await many<{ id: string }>(
      tx,
      sql`delete from webhook_deliveries where id in (
            select id from webhook_deliveries where created_at < ${before}::timestamptz and state <> 'pending' order by created_at limit ${BATCH})
          returning id`,
    );
    await run(tx, sql`delete from webhook_attempts where delivery_id = any(${gone.map(({ id }) => id)}::uuid[])`);
    return gone.length;
  });
}

/** Their secrets can't be opened any more, and nobody is to be told. */
export async function removeEndpointsOf(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from webhook_attempts where environment_id = ${environmentId}`);
  await run(db, sql`delete from webhook_deliveries where environment_id = ${environmentId}`);
  await run(db, sql`delete from forwarded_webhooks where environment_id = ${environmentId}`);
  await run(db, sql`delete from webhook_endpoints where environment_id = ${environmentId}`);
}
