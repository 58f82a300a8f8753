-- expand
-- owner: limits
-- What all processes know together of a provider's rate limit. Unlogged: it changes with every lease, and after a crash of Postgres it is
-- learned anew from the provider's next answer. A killed process loses nothing of it.
create unlogged table rate_budgets (
  environment_id int not null,
  integration_id int not null,
  -- 0: of all connections of the integration.
  connection_id int not null,
  -- Which of several limits; empty for the only one.
  part text not null,
  state jsonb not null,
  -- It holds, or flows at a pace: every process must ask before it sends.
  restricted boolean not null default false,
  held_until timestamptz,
  changed_at timestamptz not null,
  primary key (environment_id, integration_id, connection_id, part)
) with (fillfactor = 50);
create index rate_budgets_restricted on rate_budgets (environment_id) where restricted;

-- Who spent it: requests sent to the provider, by ten minutes. Kept for a day.
create table rate_spending (
  environment_id int not null,
  integration_id int not null,
  connection_id int not null,
  kind text not null check (kind in ('proxy', 'action', 'sync')),
  started_at timestamptz not null,
  requests int not null,
  -- Answered with "too many".
  refused int not null,
  -- Requests that waited for the limit, and how long all of them together.
  waits int not null,
  waited_ms bigint not null,
  primary key (environment_id, integration_id, started_at, connection_id, kind)
) with (fillfactor = 80);
create index rate_spending_age on rate_spending (started_at);
