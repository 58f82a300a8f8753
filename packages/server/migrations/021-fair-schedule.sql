-- owner: environments
alter table environments
  -- Its part of the slots when several environments wait: twice the weight, twice the runs.
  add column sync_weight int not null default 1 check (sync_weight between 1 and 100),
  -- Runs of syncs at once; null: what the server allows.
  add column sync_runs_max int check (sync_runs_max > 0);

-- owner: integrations
alter table integrations
  -- Runs of syncs at once, in all and of one connection; null: what the server allows.
  add column sync_runs_max int check (sync_runs_max > 0),
  add column connection_runs_max int check (connection_runs_max > 0);

-- owner: queue
alter table instances
  -- What its workers take, and how many at once: the room of all processes is the sum of the living.
  add column tasks text[] not null default '{}',
  add column concurrency int not null default 0;

-- owner: runs
alter table runs
  -- Of a sync: when it should have begun.
  add column due_at timestamptz,
  -- Slots of its schedule that passed before it without a run.
  add column missed int not null default 0;
update runs set state = 'cancelled', ended_at = now(), error = '{"type": "script_aborted", "message": "Another run took its place"}'
 where sync_id is not null and state in ('queued', 'running')
   and not exists (select from syncs where syncs.id = runs.sync_id and syncs.active_run = runs.id and syncs.deleted_at is null);
-- A sync never overlaps itself, whatever code says.
create unique index runs_one on runs (sync_id) where sync_id is not null and state in ('queued', 'running');

-- owner: syncs
alter table syncs
  add column integration_id int references integrations,
  -- A run was asked for, by `trigger`, and waits for room: the run is there, its job not yet.
  add column triggered_at timestamptz check (triggered_at is null or active_run is not null),
  -- The class of its next run: the first one, and one from the start, read everything.
  add column backfill boolean not null generated always as (last_success_started_at is null) stored,
  -- Since when, or from when on, it wants a run. Null: it has one, or wants none.
  add column wants_at timestamptz generated always as (
    case when deleted_at is not null then null
         when triggered_at is not null then triggered_at
         when active_run is null and not paused then next_run_at end) stored;
update syncs set integration_id = functions.integration_id from functions where functions.id = syncs.function_id;
alter table syncs alter column integration_id set not null;
drop index syncs_due;
-- Whether anything is due, and what is due longest. The condition is never implied by `wants_at <= now()` alone: with stale statistics the
-- planner would look for the syncs of one integration in here, and read the whole backlog of all others (5 s instead of 10 ms at 100,000).
create index syncs_due on syncs (wants_at) where wants_at < 'infinity';
-- The oldest of each integration of each environment, without reading the others.
create index syncs_lanes on syncs (environment_id, integration_id, backfill, wants_at) where wants_at is not null;
-- Who holds a slot: as many rows as there are slots.
create unique index syncs_running on syncs (active_run) include (environment_id, integration_id, connection_id, backfill)
  where active_run is not null and triggered_at is null and deleted_at is null;
-- What was claimed leaves dead entries at the front of both indexes, where every claim begins to read.
alter table syncs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
-- Start-time fair order: where each environment stands on the clock that a run of weight 1 moves by 1.
create table sync_turns (
  environment_id int primary key references environments,
  -- The clock when its last run was given, and where its next one stands.
  served double precision not null,
  next double precision not null
);
create index sync_turns_served on sync_turns (served);
