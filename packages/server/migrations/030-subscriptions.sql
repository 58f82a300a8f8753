-- expand: processes of the release before neither make nor need subscriptions.
-- owner: integrations
alter table integrations
  -- Whether we ask the provider to send webhooks, for each connection, and keep that up.
  add column manages_subscriptions boolean not null default false;

-- owner: subscriptions
-- What a provider was asked to send webhooks about: one row for each target of each connection. Its id is part of the address that the provider was given.
create table webhook_subscriptions (
  id uuid primary key default gen_random_uuid(),
  environment_id int not null references environments,
  integration_id int not null references integrations,
  connection_id int not null references connections,
  -- What it is about: a repository, a calendar; '' where it is the whole account.
  target text not null,
  events text[] not null,
  state text not null default 'asking' check (state in ('asking', 'active', 'leaving')),
  -- A request to make it was begun and its answer not noted: the provider may have one that we do not know of.
  is_doubtful boolean not null default false,
  -- What the provider calls it, and what else it wants to hear to remove it.
  remote jsonb,
  secret_sealed bytea,
  made_at timestamptz,
  expires_at timestamptz,
  -- Counts how often it was changed by others than whoever works on it, who thereby learns that it was.
  turn int not null default 0,
  failures int not null default 0,
  error text,
  -- Not to be worked on before; null: nothing to do.
  next_at timestamptz,
  -- Somebody works on it until then at the latest.
  leased_until timestamptz,
  last_event_at timestamptz,
  -- When a sync last found changes by itself, and how often in a row no webhook had told of them.
  polled_at timestamptz,
  misses int not null default 0,
  created_at timestamptz not null default now(),
  unique (connection_id, target)
);
create index webhook_subscriptions_integration on webhook_subscriptions (integration_id, connection_id, target);
create index webhook_subscriptions_environment on webhook_subscriptions (environment_id);
