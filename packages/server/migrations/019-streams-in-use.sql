-- expand
-- owner: records
alter table record_streams
  -- When a run of its sync ended last, to the day: records of a sync that runs no more are removed after a while.
  add column visited_at timestamptz not null default now(),
  -- When the background looks at it next, for records that have had their time.
  add column look_at timestamptz not null default now(),
  -- Up to this number all records are pruned, so that nobody reads past them again.
  add column pruned_to bigint not null default 0;
create index record_streams_look on record_streams (look_at);
