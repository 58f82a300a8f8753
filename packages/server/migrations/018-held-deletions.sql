-- owner: environments
alter table environments
  -- A full crawl that would delete so much of a model waits for a person's word. Null: never waits.
  add column deletion_guard_percent smallint default 50 check (deletion_guard_percent between 1 and 100),
  -- Fewer than this never wait, whatever part of the model they are.
  add column deletion_guard_records int not null default 100 check (deletion_guard_records >= 0);

-- owner: records
alter table record_streams
  -- A request of the crawl under way failed and the function went on: what it did not meet proves nothing.
  add column crawl_flawed boolean not null default false,
  -- The run whose crawl first found what is held, and when; null: nothing is held.
  add column held_by bigint,
  add column held_at timestamptz,
  add column held_reason text check (held_reason in ('many_records', 'failed_requests'));
-- What a crawl did not meet and nobody has decided about. Met again, a record is no longer held.
create table held_records (
  stream_id int not null references record_streams on delete cascade,
  external_id text not null,
  primary key (stream_id, external_id)
);
