-- owner: runs
alter table runs
  -- From when on any process may take it; 'infinity' while one has it. Null: it waits for room, or a job carries it out.
  add column ready_at timestamptz,
  -- Which of the instances took it last. Without a reference: whoever removes the row of a dead one must not wait for what that one still writes.
  add column holder int,
  -- How often the platform itself failed at it.
  add column failures int not null default 0;
-- As many rows as there are runs under way or about to be: those that wait come first.
create index runs_ready on runs (ready_at, id) where ready_at is not null and state in ('queued', 'running');
-- Those that had a job until now.
update runs set ready_at = now() from syncs
 where syncs.active_run = runs.id and syncs.triggered_at is null and syncs.deleted_at is null and runs.state in ('queued', 'running');
do $$ begin
  if to_regclass('graphile_worker._private_jobs') is not null then
    delete from graphile_worker._private_jobs using graphile_worker._private_tasks tasks
     where tasks.id = task_id and tasks.identifier = 'sync-run';
  end if;
end $$;
