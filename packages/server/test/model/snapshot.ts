/** Both sides in one form: what Postgres holds of a tenant, and what the model says it should hold. Ids become their rank among the tenant's. */
import { sql } from 'kysely';
import { only, prepared } from '../../src/base/database.ts';
import { type Circuit, freshCircuit, inTheirOrder } from './circuit.ts';
import { show } from './records.ts';
import { at, type State, UNIT_MS } from './state.ts';
import type { Job, Tenant } from './tenant.ts';

type StreamRow = {
  generation: number;
  tracking: number | null;
  heldBy: number | null;
  /** As counted while written, and counted now. */
  kept: number[];
  counted: number[];
  held: string[];
  records: [id: string, rev: number, deleted: boolean, pruned: boolean][];
};
type Waiting = { job: Job; free: boolean };
type Row = {
  syncs: {
    paused: boolean;
    removed: boolean;
    active: number | null;
    triggered: boolean;
    next: number;
    succeeded: boolean;
    checkpoint: number | null;
  }[];
  streams: (StreamRow | null)[];
  runs: { id: number; sync: number; state: string; attempts: number }[];
  events: { id: number; type: string; heard: boolean }[];
  deliveries: { id: string; event: number; state: string; attempts: number; held: boolean }[];
  /** The events of those that wait for their time, the next one first. */
  queue: number[];
  circuit: object | null;
  metadata: Record<string, number>[];
  /** Events for which a job is there; deliveries that wait and runs that are taken or may be, which are looked for like jobs. */
  jobs: Waiting[];
  waiting: Waiting[];
  ready: Waiting[];
};
export type Snapshot = {
  readonly shape: unknown;
  /** By sync. */
  readonly runIds: readonly (readonly number[])[];
  readonly eventIds: readonly number[];
  /** The event of each delivery. */
  readonly deliveries: ReadonlyMap<string, number>;
  /** Jobs that no live process has in its hands, in the order of their making. */
  readonly jobs: readonly Job[];
  readonly faults: readonly string[];
};

/** Everything in one statement: it runs after every step. */
export async function takeSnapshot(tenant: Tenant): Promise<Snapshot> {
  const { lane, syncs, connections, startedAt } = tenant;
  const ids = syncs.map(({ id }) => id);
  const inUnits = sql`round((extract(epoch from s.next_run_at - ${startedAt}::timestamptz) * 1000 / ${UNIT_MS})::numeric, 1)`;
  const row = await only<{ whole: Row }>(
    lane.world.db,
    prepared(sql`with mine as (select s.*, place from unnest(${ids}::uuid[]) with ordinality as wanted(id, place) join syncs s using (id))
    select json_build_object(
      'syncs', (select json_agg(json_build_object('paused', s.paused, 'removed', s.deleted_at is not null, 'active', s.active_run, 'triggered', s.triggered_at is not null,
          'next', ${inUnits}, 'succeeded', s.last_success_started_at is not null, 'checkpoint', c.value -> 'at') order by place)
        from mine s left join checkpoints c on c.connection_id = s.connection_id
          and c.key = 'sync:' || s.name || case when s.variant = 'base' then '' else ':' || s.variant end),
      'streams', (select json_agg(case when r.id is null then null else json_build_object('generation', r.generation, 'tracking', r.tracking_since,
          'heldBy', r.held_by, 'kept', json_build_array(r.live, r.deleted, r.bytes), 'counted', found.counted, 'records', coalesce(found.records, '[]'),
          'held', coalesce((select json_agg(h.external_id order by h.external_id) from held_records h where h.stream_id = r.id), '[]')) end order by place)
        from mine s left join record_streams r on r.connection_id = s.connection_id and r.variant = s.variant and r.model = initcap(s.name)
        left join lateral (select json_agg(json_build_array(external_id, rev, deleted_at is not null, pruned_at is not null) order by seq) as records,
            json_build_array(count(*) filter (where deleted_at is null), count(*) filter (where deleted_at is not null),
              coalesce(sum(size) filter (where deleted_at is null), 0)) as counted
          from records where stream_id = r.id) found on true),
      'runs', coalesce((select json_agg(json_build_object('id', r.id, 'sync', place - 1, 'state', r.state, 'attempts', r.attempts) order by r.id)
        from mine s join runs r on r.sync_id = s.id), '[]'),
      'events', coalesce((select json_agg(json_build_object('id', id, 'type', type, 'heard', array_remove(heard, 'subscriptions') <> '{}') order by id) from events), '[]'),
      'deliveries', coalesce((select json_agg(json_build_object('id', id, 'event', event_id, 'state', state, 'attempts', attempts, 'held', held_by is not null) order by event_id)
        from webhook_deliveries), '[]'),
      'queue', coalesce((select json_agg(event_id order by next_at, seq) from webhook_deliveries where state = 'pending' and held_by is null), '[]'),
      'circuit', (select json_build_object('state', state, 'slots', slots, 'failures', failures, 'probes', probes, 'rests', rest_until is not null) from webhook_endpoints),
      'metadata', (select json_agg(coalesce(metadata, '{}') order by id) from connections where id = any(${connections.map(({ id }) => id)}::int[])),
      'jobs', coalesce((select json_agg(json_build_object('job', json_build_object('id', j.id::text, 'payload', j.payload), 'free', j.locked_at is null) order by j.id)
        from graphile_worker._private_jobs j), '[]'),
      'waiting', coalesce((select json_agg(json_build_object('job', json_build_object('id', 'delivery ' || event_id, 'payload', json_build_object('deliveryId', id)),
          'free', held_by is null) order by event_id) from webhook_deliveries where state = 'pending'), '[]'),
      'ready', coalesce((select json_agg(json_build_object('job', json_build_object('id', 'run ' || r.id, 'payload', json_build_object('runId', r.id)),
          'free', r.ready_at < 'infinity') order by r.id)
        from mine s join runs r on r.sync_id = s.id where r.ready_at is not null and r.state in ('queued', 'running')), '[]')
    ) as whole`),
  );
  return digest(row.whole);
}

function digest(row: Row): Snapshot {
  const runIds = row.syncs.map((_, index) => row.runs.flatMap(({ id, sync }) => (sync === index ? id : [])));
  const eventIds = row.events.map(({ id }) => id);
  const rankIn = (sync: number) => (id: number | null) => (id === null || id === 0 ? id : at(runIds, sync).indexOf(id) + 1);
  const shape = {
    syncs: row.syncs.map((sync, index) => ({
      ...sync,
      active: rankIn(index)(sync.active),
      runs: row.runs.flatMap(({ sync: of, state, attempts }) => (of === index ? { state, attempts } : [])),
    })),
    streams: row.streams.map((stream, index) => stream && trimmed(stream, rankIn(index))),
    events: row.events.map(({ type, heard }) => ({ type, heard })),
    deliveries: row.deliveries.map(({ event, state, attempts, held }) => ({ event: eventIds.indexOf(event), state, attempts, held })),
    queue: row.queue.map((event) => eventIds.indexOf(event)),
    circuit: row.circuit ?? shownCircuit(freshCircuit()),
    metadata: row.metadata,
  };
  const deliveries = new Map(row.deliveries.map(({ id, event }) => [id, eventIds.indexOf(event)]));
  const jobs = [...row.ready, ...row.jobs, ...row.waiting].flatMap(({ job, free }) => (free ? job : []));
  return { shape, runIds, eventIds, deliveries, jobs, faults: faultsOf(row) };
}

type Shape = Pick<StreamRow, 'generation' | 'tracking' | 'heldBy' | 'held' | 'records'>;

/** A stream that nothing was written to is as good as none. */
function trimmed({ generation, tracking, heldBy, held, records }: Shape, rank: (id: number | null) => number | null) {
  if (generation === 0 && tracking === null && records.length === 0) return null;
  return { generation: rank(generation), tracking: rank(tracking), heldBy: rank(heldBy), held, records };
}

/** What must hold whatever the model says. */
function faultsOf({ syncs, streams, runs, events, jobs, ready }: Row): string[] {
  const isOpen = (state: string) => state === 'queued' || state === 'running';
  const without = <T>(list: readonly T[], is: (one: T) => boolean, has: (one: T) => boolean) =>
    list.filter((one) => is(one) && !has(one)).length;
  const checks: Record<string, boolean> = {
    'a sync has two runs under way': syncs.some((_, index) => runs.filter(({ sync, state }) => sync === index && isOpen(state)).length > 1),
    'a run under way is not the one its sync waits for': runs.some(({ id, sync, state }) => isOpen(state) && syncs[sync]?.active !== id),
    'a run under way may be taken by nobody, nor waits for room':
      without(
        runs,
        ({ state }) => isOpen(state),
        ({ id }) => ready.some(({ job }) => job.payload.runId === id) || syncs.some(({ active, triggered }) => active === id && triggered),
      ) > 0,
    'an event nobody heard has no job':
      without(
        events,
        ({ heard }) => !heard,
        ({ id }) => jobs.some(({ job }) => job.payload.id === id),
      ) > 0,
    'the counts kept of a stream are not those counted': streams.some((one) => one && String(one.kept) !== String(one.counted)),
  };
  return Object.keys(checks).filter((fault) => checks[fault]);
}

const shownCircuit = ({ state, slots, failures, probes, restUntil }: Circuit) => ({
  state,
  slots,
  failures,
  probes,
  rests: restUntil !== null,
});

/** The same of the model. */
export function shapeOf(state: State): unknown {
  return {
    syncs: state.syncs.map(({ paused, removed, active, next, succeeded, checkpoint, runs, triggeredAt }) => ({
      ...{ paused, removed, active, next, succeeded, checkpoint, runs, triggered: triggeredAt !== null },
    })),
    streams: state.syncs.map(({ stream: { records, held, exists, ...stream } }) =>
      exists
        ? trimmed(
            {
              ...stream,
              held: held.toSorted(),
              records: records.map(({ id, rev, deleted, pruned }) => [id, rev, deleted, pruned]),
            },
            (run) => run,
          )
        : null,
    ),
    events: state.events.map(({ type, heard }) => ({ type, heard })),
    deliveries: state.deliveries
      .map(({ event, state: is, attempts, isHeld: held }) => ({ event, state: is, attempts, held }))
      .toSorted((one, other) => one.event - other.event),
    queue: inTheirOrder(state.deliveries.filter((one) => one.state === 'pending' && !one.isHeld)).map(({ event }) => event),
    circuit: shownCircuit(state.circuit),
    metadata: state.connections.map(({ metadata }) => metadata),
  };
}

/** Contents, in the order of their last change. */
export const contentsOf = (state: State, sync: number) => at(state.syncs, sync).stream.records.map(show);
