-- owner: connect
-- Exact origins that a browser may be sent back to when the whole page went to the provider.
alter table connect_sessions add column return_origins text[] not null default '{}';
-- What became of one sign-in: the browser that began it asks with the token of its session, however the news was lost.
create table connect_attempts (
  id uuid primary key,
  environment_id int not null references environments,
  connect_session_id int not null references connect_sessions on delete cascade,
  provider_config_key text not null,
  status text not null default 'waiting' check (status in ('waiting', 'done', 'failed')),
  -- The connection's id once done.
  connection_id text,
  is_pending boolean not null default false,
  error_type text,
  error_description text,
  -- The address that begins it, which works once: its name as a hash, and sealed where it leads.
  start_hash bytea unique,
  start_sealed bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index connect_attempts_session on connect_attempts (connect_session_id);
