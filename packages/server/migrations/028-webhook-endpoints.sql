-- owner: environments
-- The key before the last rotation signs beside the new one until then.
alter table environments add column previous_signing_key_sealed bytea, add column previous_signing_key_until timestamptz;

-- owner: webhooks-out
-- Where deliveries go, and how it fares there. `own` ones are made by people; a `setting` stands for an address of the environment's settings or of a connection.
create table webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  environment_id int not null references environments,
  kind text not null check (kind in ('own', 'setting')),
  url text not null,
  description text not null default '',
  -- Names of events, or their beginnings such as `sync.*`. Of own ones.
  types text[] not null default '{}',
  -- Unique keys. Null: of all.
  integrations text[],
  -- One delivery of a connection at a time, in the order of the events.
  is_ordered boolean not null default false,
  is_enabled boolean not null default true,
  disabled_reason text,
  secret_sealed bytea,
  previous_secret_sealed bytea,
  previous_secret_until timestamptz,
  -- The circuit. paused: one delivery at a time tries whether it answers again.
  state text not null default 'active' check (state in ('active', 'paused')),
  -- Deliveries at once: fewer after a failure, one more after a success.
  slots int not null default 16 check (slots between 1 and 16),
  failures int not null default 0,
  probes int not null default 0,
  failing_since timestamptz,
  -- No attempt before.
  rest_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (kind = 'setting' or secret_sealed is not null)
);
create unique index webhook_endpoints_setting on webhook_endpoints (environment_id, url) where kind = 'setting';
create index webhook_endpoints_own on webhook_endpoints (environment_id, created_at) where kind = 'own';

alter table webhook_deliveries
  add column endpoint_id uuid,
  -- The event's name, such as `connection.created`; `type` is the body's.
  add column name text not null default '',
  add column seq bigint generated always as identity,
  -- Deliveries of one endpoint with the same key go one after the other.
  add column order_key text,
  -- The process that has it in its hands, by its lock (base/bus.ts).
  add column held_by int,
  add column held_at timestamptz;
insert into webhook_endpoints (environment_id, kind, url) select distinct environment_id, 'setting', url from webhook_deliveries;
update webhook_deliveries d set endpoint_id = e.id, name = d.type from webhook_endpoints e
 where e.environment_id = d.environment_id and e.url = d.url;
alter table webhook_deliveries alter column endpoint_id set not null, drop constraint webhook_deliveries_event_id_url_key;
create unique index webhook_deliveries_once on webhook_deliveries (event_id, endpoint_id, name);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_at, seq) where state = 'pending' and held_by is null;
create index webhook_deliveries_held on webhook_deliveries (endpoint_id) where held_by is not null;
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, order_key, seq) where state = 'pending' and order_key is not null;
drop index webhook_deliveries_recent;
create index webhook_deliveries_newest on webhook_deliveries (environment_id, seq desc);
create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, seq desc);
create index webhook_deliveries_age on webhook_deliveries (created_at);

-- owner: webhooks-out
-- Each attempt at a delivery, kept as long as it.
create table webhook_attempts (
  id bigint generated always as identity primary key,
  environment_id int not null,
  delivery_id uuid not null,
  at timestamptz not null,
  duration_ms int not null,
  status int,
  error text,
  -- The beginning of the answer's body, without what looks like a secret.
  response text
);
create index webhook_attempts_of_delivery on webhook_attempts (delivery_id, id);

-- owner: events
-- The place of an event in its environment's feed, given to it when somebody reads the feed: in the order in which events became visible.
alter table events add column place bigint;
create index events_unplaced on events (environment_id, id) where place is null;
create unique index events_placed on events (environment_id, place) where place is not null;
-- What happened before nobody asks for any more.
update events set heard = heard || '{webhooks}'::text[] where type <> 'environment.deleted' and created_at < now() - interval '1 minute' and not heard @> '{webhooks}'::text[];
-- What webhooks have not heard: they are told in the order of publishing, many at once.
create index events_without_webhooks on events (environment_id, id) where not heard @> '{webhooks}'::text[];

-- owner: events
-- The last place given; the row's lock is what makes places visible in their order.
create table event_feeds (
  environment_id int primary key references environments,
  last_place bigint not null default 0
);
