-- owner: captures
-- Which runs of an environment are captured, and for how long. No row: none.
create table capture_settings (
  environment_id int primary key references environments,
  keep_days int not null default 7 check (keep_days between 1 and 30),
  rules jsonb not null default '[]'
);
-- What is kept of one execution of a function. An action that somebody waits for has a run number and no row in runs, so nothing refers to it.
create table captures (
  id bigint generated always as identity primary key,
  environment_id int not null references environments,
  run_id bigint not null,
  operation_id text not null,
  kind text not null check (kind in ('sync', 'action', 'on-event')),
  integration text not null,
  connection text not null,
  function text not null,
  version text not null,
  code_hash bytea not null,
  state text not null default 'running' check (state in ('running', 'whole', 'cut')),
  calls int not null default 0,
  -- Of its sealed parts.
  bytes bigint not null default 0,
  began_at timestamptz not null,
  ended_at timestamptz,
  expires_at timestamptz not null
);
create index captures_of_run on captures (environment_id, run_id);
create index captures_of_operation on captures (environment_id, operation_id);
create index captures_newest on captures (environment_id, id desc) include (bytes);
create index captures_expiring on captures (expires_at);
-- What happened within a second or so, sealed as one.
create table capture_parts (
  capture_id bigint not null references captures on delete cascade,
  part int not null,
  environment_id int not null,
  sealed bytea not null,
  primary key (capture_id, part)
);
-- They are compressed before they are sealed.
alter table capture_parts alter column sealed set storage external;
