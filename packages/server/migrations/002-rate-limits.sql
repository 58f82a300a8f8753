-- Points that processes took for a caller's requests, by minute. Unlogged: a row is worth nothing after its minute, so writing it
-- must not wait for the disk; after a crash of Postgres the table is empty, and a minute's count starts again.

-- owner: limits
create unlogged table rate_windows (
  counted_as text not null,
  started_at timestamptz not null,
  taken bigint not null,
  primary key (counted_as, started_at)
);
create index rate_windows_age on rate_windows (started_at);
