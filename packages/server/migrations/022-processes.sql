-- expand: processes of the release before go on beside this.

-- owner: queue
create table processes (
  -- Of the process on the bus, which holds an advisory lock on it as long as it lives.
  id int primary key,
  host text not null,
  pid int not null,
  roles text[] not null,
  version text not null,
  -- The schema was changed by a newer release in a way that this one does not fit.
  outdated boolean not null default false,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
) with (fillfactor = 50);

-- owner: syncs
alter table syncs
  -- Runs that failed since the last one that did not: how long the next try waits.
  add column failures int not null default 0;
