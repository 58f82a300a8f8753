-- expand
-- owner: runs
-- For forgetting the oldest: rows lie in the order they came, so this index costs almost nothing to keep.
create index runs_age on runs using brin (created_at);
