/**
 * Takes deliveries that are due into this process' hands: in turns of the endpoints, as many of each as it has room for, of an ordered one the first of
 * each connection. What a process held that died is freed by the others, since Postgres knows whose lock is gone.
 */
import { type RawBuilder, sql } from 'kysely';
import { PROCESS_LOCKS } from '../base/bus.ts';
import { many, one, prepared, run, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { World } from '../base/world.ts';
import { type Delivery, nextState } from './delivery.ts';

type Needs = Pick<World, 'db' | 'bus' | 'clock'>;
/** One in this process' hands, as it is stored: of what is forwarded the body is sealed. */
export type Claimed = Omit<Delivery, 'body'> & {
  /** Of an endpoint that people made; both, for a while after a rotation. */
  readonly secretSealed: Buffer | null;
  readonly previousSecretSealed: Buffer | null;
  readonly body: string | null;
  readonly forwardId: string | null;
  readonly sealed: Buffer | null;
};

/** One at a time over all processes, so that an endpoint's room is not given out twice; the bytes of "hook". */
const CLAIM_LOCK = 0x686f6f6b;
/** An attempt takes 20 s; what is held for so long is held by a process that lives and does nothing. */
const HELD_SECONDS_MAX = 60;

/** @param room how many more this process can send at once */
export function claimDue({ db, bus, clock }: Needs, room: number): Promise<Claimed[]> {
  const now = clock.now();
  return transaction(db, async (tx) => {
    await run(tx, prepared(sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`));
    return many(
      tx,
      sql<Claimed>`
      with recursive waiting as (
        (select endpoint_id from webhook_deliveries where state = 'pending' and held_by is null order by endpoint_id limit 1)
        union all
        select (select d.endpoint_id from webhook_deliveries d
                 where d.state = 'pending' and d.held_by is null and d.endpoint_id > w.endpoint_id order by d.endpoint_id limit 1)
          from waiting w where w.endpoint_id is not null),
      open as (
        select e.id, least(${room}::int, case when e.state = 'paused' then 1 else e.slots end
                 - (select count(*) from webhook_deliveries held where held.endpoint_id = e.id and held.held_by is not null)) as room
          from waiting w join webhook_endpoints e on e.id = w.endpoint_id
         where e.is_enabled and (e.rest_until is null or e.rest_until <= ${now}::timestamptz)),
      chosen as (
        select due.id from open o cross join lateral (
          select d.id, row_number() over () as nth from (
            select c.id from webhook_deliveries c
             where c.endpoint_id = o.id and c.state = 'pending' and c.held_by is null and c.next_at <= ${now}::timestamptz
               and (c.order_key is null or not exists (
                     select from webhook_deliveries earlier where earlier.endpoint_id = c.endpoint_id and earlier.order_key = c.order_key
                        and earlier.state = 'pending' and earlier.seq < c.seq))
             order by c.next_at, c.seq limit greatest(o.room, 0)) d) due
        order by due.nth limit ${room})
      ${holding({ holder: bus.id, now }, sql`d.id in (select id from chosen)`)}`,
    );
  });
}

/** One that is due, whatever its endpoint is like. Undefined when it is done, held or to wait. */
export function claimOne({ db, bus, clock }: Needs, id: string): Promise<Claimed | undefined> {
  const now = clock.now();
  return one(db, sql<Claimed>`${holding({ holder: bus.id, now }, sql`d.id = ${id} and d.next_at <= ${now}::timestamptz`)}`);
}

/**
 * That nobody holds it is said so that the index of what is due does not answer to it. Where statistics are of a quiet time, the planner takes that for empty
 * and reads all that waits, once for each that is chosen: 18 ms for 15 of 579, and quadratic. So it looks them up by their ids.
 */
const isFree = sql`coalesce(d.held_by, 0) = 0`;

const holding = ({ holder, now }: { holder: number; now: Date }, which: RawBuilder<unknown>) => sql`
  update webhook_deliveries d set held_by = ${holder}, held_at = now() from webhook_endpoints e
   where ${which} and e.id = d.endpoint_id and ${isFree} and d.state = any(${transition(nextState, 'succeed').from}::text[])
  returning d.id, d.environment_id, d.endpoint_id, d.name, d.type, d.integration, d.connection, d.order_key, e.url, d.body, d.headers, d.attempts, d.operation_id,
    d.forward_id, (select f.sealed from forwarded_webhooks f where f.id = d.forward_id and f.environment_id = d.environment_id) as sealed,
    e.secret_sealed, case when e.previous_secret_until > ${now}::timestamptz then e.previous_secret_sealed end as previous_secret_sealed,
    e.state = 'paused' as is_probe`;

/** What was cut short by ourselves: not an attempt. */
export async function giveBack({ db, bus }: Pick<World, 'db' | 'bus'>, ids: readonly string[]): Promise<void> {
  await run(
    db,
    sql`update webhook_deliveries set held_by = null where id = any(${[...ids]}::uuid[]) and held_by = ${bus.id} and state = 'pending'`,
  );
}

/** @returns how many others had held, and hold no more */
export function freeAbandoned({ db, bus }: Pick<World, 'db' | 'bus'>): Promise<number> {
  // Taken and given back within the statement: only a lock that nobody holds can be.
  return run(
    db,
    sql`with gone as materialized (
          select held_by from (select distinct held_by from webhook_deliveries where held_by is not null and held_by <> ${bus.id}) holders
           where pg_try_advisory_xact_lock_shared(${PROCESS_LOCKS}, held_by))
        update webhook_deliveries set held_by = null
         where held_by is not null and (held_by in (select held_by from gone) or held_at < now() - ${`${HELD_SECONDS_MAX} seconds`}::interval)`,
  );
}
