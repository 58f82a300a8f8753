-- owner: connections
-- Names the account at the provider, where it tells: an installation, a workspace.
alter table connections add column if not exists account_id text;
create index connections_account on connections (integration_id, account_id) where deleted_at is null and account_id is not null;

-- owner: connect
-- Connections that a webhook of the provider completes: an owner approves the installation, or somebody installs it at the vendor.
create table connect_pending (
  connection_id int primary key references connections on delete cascade,
  environment_id int not null references environments,
  integration_id int not null references integrations,
  -- What the mode reads from the webhook that completes it.
  awaits text not null,
  -- The credentials and the configuration it goes on with. A connection that works already keeps its own until then.
  sealed bytea not null,
  -- Nobody was told of the connection yet.
  is_new boolean not null,
  created_at timestamptz not null default now()
);
create index connect_pending_awaits on connect_pending (integration_id, awaits);
