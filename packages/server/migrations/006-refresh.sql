-- owner: connections
alter table connections
  -- Names the account at the provider, where it tells: a reconnect may demand the same one.
  add column account_id text,
  -- The process that refreshes now, by its number on the bus: when that process is gone, so is the lease.
  add column refresh_holder int,
  -- Since when an answer is missing: written before the provider is asked, taken back with its answer. What died in between left it here.
  add column refresh_unanswered_since timestamptz,
  -- What the last refresh failed of, how often in a row of that kind, and when to ask again at the earliest.
  add column refresh_failure text check (refresh_failure in ('revoked', 'misconfigured', 'transient', 'provider_down')),
  add column refresh_failures int not null default 0,
  add column refresh_retry_at timestamptz,
  -- When the clock looks at it next, to keep alive what nobody uses.
  add column look_at timestamptz not null default now() + interval '1 day';
-- Spread over the day, so that the first one after this change is no stampede.
update connections set look_at = now() + random() * interval '1 day' where deleted_at is null;
create index connections_look on connections (look_at) where deleted_at is null;

-- One row for each token endpoint, or client of an integration, that fails for everybody now: refreshes through it pause. Of the whole installation.
create table refresh_circuits (
  name text primary key,
  -- Of the connections that failed in a row, without a success of any in between.
  failing int[] not null default '{}',
  reason text not null,
  -- How often it was opened since it last worked; null `open_until`: it is still closed.
  opened int not null default 0,
  open_until timestamptz,
  -- One connection tries whether it works again.
  probed_until timestamptz,
  changed_at timestamptz not null
);

-- owner: environments
-- Off unless asked for: to receivers that were written when refreshes only ever failed, a success would look like a failure.
alter table environments add column on_auth_refresh_recovered boolean not null default false;

-- owner: connect
alter table connect_sessions add column require_same_account boolean not null default false;
