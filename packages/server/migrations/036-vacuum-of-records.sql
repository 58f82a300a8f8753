-- expand
-- owner: records
-- What was saved is frozen while it is still in memory and in the same checkpoint's cycle: by a vacuum each 100,000 new rows, of their pages alone. By a share
-- of the table it came minutes later, read each page again and logged it whole (8 KB for 7 records), or a reader's hint bits did.
-- No statement here depends on statistics, and of a large table each gathering read 30,000 pages: half of it must be new, not a twentieth.
do $$ begin
  for part in 0..15 loop
    execute format('alter table records_%s set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5)', part);
  end loop;
end $$;
