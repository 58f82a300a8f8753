-- owner: records
-- Models of an environment whose earlier versions are kept, and for how long.
create table record_history_rules (
  environment_id int not null references environments,
  model text not null,
  keep_days int not null check (keep_days between 1 and 3650),
  primary key (environment_id, model)
);
alter table record_streams
  -- Since when what a change replaces is kept; null: it is not.
  add column history_since timestamptz;
-- A version that was replaced: as it lay in records, sealed with the stream's key for the same id.
create table record_versions (
  stream_id int not null references record_streams on delete cascade,
  external_id text not null,
  seq bigint not null,
  rev int not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- When the next version came. Since the times of a stream never run backwards, a version was the current one from `changed_at` until then.
  replaced_at timestamptz not null,
  deleted_at timestamptz,
  pruned_at timestamptz,
  content bytea,
  primary key (stream_id, external_id, seq)
);
alter table record_versions alter column content set storage external;
create index record_versions_seq on record_versions (stream_id, seq);
create index record_versions_oldest on record_versions (stream_id, replaced_at);
