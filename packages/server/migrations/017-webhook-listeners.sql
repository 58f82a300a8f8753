-- owner: webhooks-in
-- Environments whose webhooks somebody listened to from afar, and the number that the last kept one got. The row's lock is what makes numbers commit in order.
create table webhook_listeners (
  environment_id int primary key references environments,
  last_id bigint not null default 0,
  listened_at timestamptz not null default now()
);

-- owner: webhooks-in
-- Webhooks as they came, while somebody listens: at most 1,000 of an environment, 32 MB, for an hour. Sealed, since bodies tell of end users.
create table kept_webhooks (
  environment_id int not null references environments,
  id bigint not null,
  integration_id int not null,
  bytes int not null,
  sealed bytea not null,
  received_at timestamptz not null default now(),
  primary key (environment_id, id)
);
create index kept_webhooks_age on kept_webhooks (received_at);
