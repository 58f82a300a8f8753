-- owner: connections
alter table connections
  -- Counts how often it was saved: what was asked about an earlier account must not be noted of a later one.
  add column saves int not null default 1,
  -- `connection.saved`, held back until the provider was asked what else it tells about the connection. Whoever takes it away tells it.
  add column news jsonb;
