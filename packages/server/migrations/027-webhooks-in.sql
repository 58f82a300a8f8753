-- expand: processes of the release before keep no webhooks, and send deliveries without further headers.
-- owner: webhooks-in
-- What providers sent. Written by whoever answers them and read by a worker, so its state is the only thing that ever changes. No foreign keys:
-- their checks cost each row a look-up, and rows go by their age, or with their environment.
create table incoming_webhooks (
  -- Made before the row is, since what is sealed is bound to it.
  id uuid primary key,
  environment_id int not null,
  integration_id int not null,
  -- What the provider calls this delivery: one that comes again is not stored again. Null where it has no name.
  delivery_name text,
  event text,
  verified boolean not null,
  bytes int not null,
  -- Method, address, headers and body.
  sealed bytea not null,
  state text not null default 'stored' check (state in ('stored', 'routed')),
  -- What became of it: connections it was for, runs it started, deliveries to the app.
  connections int not null default 0,
  runs int not null default 0,
  forwards int not null default 0,
  received_at timestamptz not null default now(),
  routed_at timestamptz
) with (fillfactor = 85);
create unique index incoming_webhooks_once on incoming_webhooks (integration_id, delivery_name) where delivery_name is not null;
create index incoming_webhooks_recent on incoming_webhooks (environment_id, integration_id, received_at desc);
-- For removing the oldest: rows lie in the order they came, so this one costs almost nothing to keep.
create index incoming_webhooks_age on incoming_webhooks using brin (received_at);

-- owner: webhooks-in
-- What was not taken, counted by the minute, so that a flood of forgeries is a number.
create table refused_webhooks (
  environment_id int not null,
  integration_id int not null,
  minute timestamptz not null,
  reason text not null,
  count int not null default 1,
  primary key (integration_id, minute, reason)
);
create index refused_webhooks_age on refused_webhooks (minute);

-- owner: integrations
alter table integrations
  -- A JSON list of texts: what its webhooks are verified with besides the secrets of its client.
  add column webhook_secrets_sealed bytea,
  -- Null: as the provider's file suggests.
  add column accept_unverified_webhooks boolean,
  -- Null: all that come.
  add column forward_webhook_events text[];

-- owner: connections
-- Webhooks name a connection by something in these.
create index connections_config on connections using gin (connection_config jsonb_path_ops) where deleted_at is null;
create index connections_metadata on connections using gin (metadata jsonb_path_ops) where deleted_at is null and metadata is not null;

-- owner: runs
alter table runs
  drop constraint runs_kind_check,
  add constraint runs_kind_check check (kind in ('sync', 'action', 'on-event', 'webhook')) not valid,
  add column webhook_id uuid,
  -- Which event of it.
  add column webhook_part int,
  -- It starts when the one before it, of its function and connection, is over.
  add column waits_turn boolean not null default false;
-- However often a webhook is routed, each function runs once for it on each connection.
create unique index runs_webhook on runs (webhook_id, webhook_part, function_id, connection_id) where webhook_id is not null;
create index runs_webhooks_open on runs (function_id, connection_id, id) where kind = 'webhook' and state in ('queued', 'running');

-- owner: webhooks-out
-- Sent besides our own headers: of what is forwarded, those that came with it. A JSON object.
alter table webhook_deliveries add column headers json;
