-- owner: records
alter table record_streams
  -- The key of the stream's records, sealed with the environment's data key. Null until the first is saved.
  add column key_sealed bytea,
  -- Records with ids above this one may lie here unsealed, for the background to seal. Null: there are none.
  add column plain_after text;
update record_streams set plain_after = '' where live + deleted > 0;

alter table records rename to records_before;
create table records (
  -- No foreign key: its check costs each new row a look-up, and streams are only removed together with their rows.
  stream_id int not null,
  -- Bytes of the record's JSON text; 0 when pruned.
  size int not null,
  seq bigint not null,
  -- The run that last changed it.
  generation bigint not null default 0,
  created_at timestamptz not null,
  -- Another name than before, as `content` has: a process of the release before fails on it and writes nothing, where it would hit rows of other streams.
  changed_at timestamptz not null,
  deleted_at timestamptz,
  pruned_at timestamptz,
  -- 1: added. Above: updated so many times since.
  rev int not null default 1,
  external_id text not null,
  -- 16 bytes, keyed, so that whoever reads the database cannot try contents on it. 17: a hash from before, behind a zero (records/older-hash.ts).
  hash bytea not null,
  -- Sealed with the stream's key, or JSON text, which begins with "{". Null when pruned.
  content bytea
) partition by hash (stream_id);
do $$ begin
  for part in 0..15 loop
    execute format('create table records_%s partition of records for values with (modulus 16, remainder %s)
      with (autovacuum_vacuum_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05)', part, part);
    -- What is sealed does not compress: trying costs time and saves nothing.
    execute format('alter table records_%s alter column content set storage external', part);
  end loop;
end $$;
insert into records (stream_id, size, seq, generation, created_at, changed_at, deleted_at, pruned_at, rev, external_id, hash, content)
  select stream_id, size, seq, generation, created_at, updated_at, deleted_at, pruned_at, rev, external_id, '\x00'::bytea || hash, convert_to(payload::text, 'UTF8')
    from records_before order by stream_id, seq;
drop table records_before;
-- After the rows: built at once they are smaller and take a third of the time.
alter table records add primary key (stream_id, external_id);
do $$ begin
  for part in 0..15 loop
    -- An expression, so that a look-up by id cannot use it. Where statistics are older than a stream the planner takes it for a single row,
    -- and this index, the smaller one, for the better way to that row: each look-up then read the whole stream.
    execute format('create unique index records_%s_seq on records_%s ((stream_id + 0), seq)', part, part);
  end loop;
end $$;
