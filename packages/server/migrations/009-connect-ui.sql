-- owner: connect
-- How the connect page of an environment looks. No row: as it comes.
create table connect_ui (
  environment_id int primary key references environments,
  settings jsonb not null,
  updated_at timestamptz not null default now()
);
