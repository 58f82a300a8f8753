-- expand: a process of the release before cannot sign what is forwarded since, and gives it back to those that can.
-- owner: webhooks-out
-- What providers sent, as the app gets it: stored once for all its deliveries and for the feed. Sealed, since body and headers are of others.
create table forwarded_webhooks (
  -- Made before the row is, since what is sealed is bound to it.
  id uuid primary key,
  environment_id int not null,
  -- Body and headers.
  sealed bytea not null,
  created_at timestamptz not null
);
-- For removing the oldest: rows lie in the order they came, so this one costs almost nothing to keep.
create index forwarded_webhooks_age on forwarded_webhooks using brin (created_at);

-- owner: webhooks-out
alter table webhook_deliveries
  -- Null: of what is forwarded, which has it in forwarded_webhooks.
  alter column body drop not null,
  add column forward_id uuid,
  -- What it is about: the unique key, and the id as people know it.
  add column integration text,
  add column connection text;
update webhook_deliveries set
  integration = substring(body from case type when 'forward' then '"providerConfigKey":"([^"]+)","type":"forward"[}]$' else '"providerConfigKey":"([^"]+)"' end),
  connection = substring(body from case type when 'forward' then '^[{]"connectionId":"([^"]+)"' else '"connectionId":"([^"]+)"' end);
create index webhook_deliveries_of_connection on webhook_deliveries (environment_id, connection, seq desc) where connection is not null;
-- Those of the release before, whose body is to be sealed: empty once that is done.
create index webhook_deliveries_unsealed on webhook_deliveries (id) where type = 'forward' and forward_id is null;
