/**
 * Which syncs run next, as one statement: the fair order and every limit, whatever waits behind them.
 * It reads who holds a slot (as many rows as there are slots), then of each integration that waits the one that is due longest, then of the
 * environments whose turn it is a few more: its cost does not grow with the number of schedules, nor with how many are due.
 */
import { type RawBuilder, sql } from 'kysely';
import { syncShares } from '../environments/sync-share.ts';
import { limitsOfIntegrations } from '../integrations/sync-limits.ts';
import type { Limits } from './limits.ts';

/** Of one environment a first or full run goes after an ordinary one that came up to so much later: it takes long anyway, and it must start some day. */
const PATIENCE = sql`interval '10 minutes'`;

/**
 * How far the lines of the integrations are looked through: the planner must know a number, since it would sort every schedule for one it does not
 * know, and few numbers make few texts, each of which is prepared once for each connection (planning takes 3 ms, the rest 1).
 */
const DEPTHS = [8, 64, 512];

/**
 * Environments take turns by start-time fair queueing: each run moves its environment's clock by 1/weight, the lowest goes first, and who comes
 * anew starts at the clock of now. Who holds more than its part of the slots, and one, comes last: long runs are few turns and much room.
 * The rows are locked; one that somebody else holds is left for the next time.
 * @param room how many at most: 512
 * @returns the parts of a statement; the last is `picked`: rows of syncs with `place`, counted from 1, `tag`, where the environment stood on the clock of turns,
 * and its `weight`
 */
export function pickSyncs(room: number, limits: Limits): RawBuilder<unknown> {
  const depth = DEPTHS.find((depth) => depth >= room) ?? room;
  return sql`${held}, ${lanes}, ${parties(limits)}, ${candidates(depth, limits)}, ${fitting(limits)},
    chosen as materialized (
      select *, row_number() over (order by beyond, tag, due) as place from ordered
       where not class_backfill or in_class <= ${limits.backfill} - (select count(*) from held where backfill)
       order by place limit ${sql.lit(depth)}),
    picked as materialized (
      select syncs.*, chosen.tag, chosen.weight, chosen.place from (select * from chosen order by place limit ${room}) chosen join syncs on syncs.id = chosen.sync
       where wants_at <= now() for update of syncs skip locked)`;
}

const held = sql`
  held as materialized (
    select environment_id, integration_id, connection_id, backfill from syncs
     where active_run is not null and triggered_at is null and deleted_at is null)`;

/** So many due rows say by themselves which integrations wait; behind a longer line each is looked for, one step of the index for each. */
const FRONT = 200;

const lanes = sql`
  front as materialized (
    select environment_id, integration_id from syncs where wants_at <= now() and wants_at < 'infinity' order by wants_at limit ${sql.lit(FRONT)}),
  steps as (
    (select environment_id, integration_id from syncs
      where (select count(*) from front) = ${sql.lit(FRONT)} and wants_at is not null order by environment_id, integration_id limit 1)
    union all
    select next.* from steps, lateral (
      select environment_id, integration_id from syncs
       where wants_at is not null and (environment_id, integration_id) > (steps.environment_id, steps.integration_id)
       order by environment_id, integration_id limit 1) next),
  lanes as materialized (select * from front union select * from steps)`;

/** What each environment, integration and connection holds and may hold. */
const parties = ({ environment, integration, connection }: Limits) => sql`
  share_of as materialized (${syncShares}),
  limit_of as materialized (${limitsOfIntegrations}),
  environments_now as materialized (
    select lane.environment_id, coalesce(weight, 1) as weight, least(share_of.runs_max, ${environment}::int) as runs_max,
           (select count(*) from held where held.environment_id = lane.environment_id) as holds,
           greatest((select next from sync_turns where sync_turns.environment_id = lane.environment_id),
                    (select max(served) from sync_turns), 0) as clock
      from (select environment_id from lanes union select environment_id from held) lane left join share_of on share_of.id = lane.environment_id),
  integrations_now as materialized (
    select lanes.*, least(limit_of.runs_max, ${integration}::int) as runs_max, connection_runs_max,
           (select count(*) from held where held.integration_id = lanes.integration_id) as holds
      from lanes left join limit_of on limit_of.id = lanes.integration_id),
  connections_now as materialized (select connection_id, integration_id, count(*) as holds from held group by 1, 2),
  full_connections as materialized (
    select coalesce(array_agg(connection_id), '{}') as ids
      from connections_now join integrations_now using (integration_id) left join connection_limits own using (connection_id)
     where connections_now.holds >= ${ofConnection(connection)})`;

/** Its own number counts instead of that of its integration, and neither raises the server's. */
const ofConnection = (most: number) => sql`least(coalesce(own.runs_max, connection_runs_max), ${most}::int)`;

/**
 * The longest due of each class of each integration that has room, without the connections that have none: first one of each, which tells the
 * environments whose turn is first, as many as there is room for; then enough of those.
 */
const candidates = (depth: number, { backfill, slots }: Limits) => sql`
  opens as materialized (
    select lane.*, class_backfill
      from integrations_now lane join environments_now environment using (environment_id) cross join unnest(array[false, true]) class_backfill
     where environment.holds < environment.runs_max and lane.holds < lane.runs_max
       and (not class_backfill or (select count(*) from held where backfill) < ${backfill}::int)),
  waiting as materialized (
    select distinct environment_id from opens cross join lateral (${longest(1)}) first),
  weights as (
    select sum(weight) as sum from environments_now where holds > 0 or environment_id in (select environment_id from waiting)),
  parts as (
    select environments_now.*, 1 + ceil(${slots}::numeric * weight / (select sum from weights)) as part from environments_now),
  turns as materialized (
    select parts.* from parts join waiting using (environment_id) order by holds >= part, clock, environment_id limit ${sql.lit(depth)}),
  candidates as materialized (
    select opens.*, sync, connection_id, case when class_backfill then since + ${PATIENCE} else since end as due
      from opens join turns using (environment_id) cross join lateral (${longest(depth)}) found)`;

const longest = (limit: number) => sql`
  select id as sync, connection_id, wants_at as since from syncs
   where wants_at <= now() and environment_id = opens.environment_id and integration_id = opens.integration_id
     and backfill = class_backfill and connection_id <> all ((select ids from full_connections)::int[])
   order by wants_at limit ${sql.lit(limit)}`;

/** Each limit in turn, and then the fair order. */
const fitting = ({ connection }: Limits) => sql`
  in_connection as (
    select *, row_number() over (partition by connection_id order by due, sync) as place from candidates),
  in_integration as (
    select in_connection.*, row_number() over (partition by integration_id order by due, sync) as nth
      from in_connection left join connections_now using (connection_id, integration_id) left join connection_limits own using (connection_id)
     where place + coalesce(connections_now.holds, 0) <= ${ofConnection(connection)}),
  in_environment as (
    select in_integration.*, row_number() over (partition by environment_id order by due, sync) as turn from in_integration
     where nth + holds <= runs_max),
  ordered as (
    select sync, class_backfill, due, weight, tag, beyond,
           row_number() over (partition by class_backfill order by beyond, tag, due) as in_class
      from (select line.sync, line.class_backfill, line.due, environment.weight,
                   environment.clock + (line.turn - 1)::double precision / environment.weight as tag,
                   environment.holds + line.turn > environment.part as beyond
              from in_environment line join turns environment using (environment_id)
             where environment.holds + line.turn <= environment.runs_max) tagged)`;
