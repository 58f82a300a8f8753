-- Secrets are sealed with data keys of their environment, which are themselves sealed ("wrapped") by the master key or by a key service
-- (decisions/022-key-handling.md). Values sealed with the master key itself stay readable until the next rotation seals them again.

-- owner: vault
create table data_keys (
  -- Four bytes in the header of each value.
  id int generated always as identity primary key,
  -- Null: of what belongs to no environment, the account's keys. No foreign key: a key is made in a transaction of its own, also for an
  -- environment whose row is not committed yet.
  environment_id int,
  -- Null once destroyed, with its environment: the row stays, so that no other key is made for it.
  wrapped bytea,
  -- What opens it: `local:2`, `transit:bowline:v3`.
  wrapped_by text not null,
  created_at timestamptz not null default now(),
  -- Set when a newer one seals; the key goes when nothing is sealed with it any more.
  retired_at timestamptz
);
create unique index data_keys_sealing on data_keys (coalesce(environment_id, 0)) where retired_at is null;
-- One row for each `rotate`; the one without an end is gone on with when it is called again.
create table key_rotations (
  id int generated always as identity primary key,
  started_at timestamptz not null default now(),
  -- What wrapped new data keys when it began.
  wrapped_by text not null,
  finished_at timestamptz
);
create unique index key_rotations_open on key_rotations ((true)) where finished_at is null;
