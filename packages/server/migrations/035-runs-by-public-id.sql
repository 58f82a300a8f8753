-- expand
-- owner: runs
-- Of runs that have one, actions called asynchronously. An entry for each run of a sync was made anew at each of its three changes.
alter table runs drop constraint runs_public_id_key;
create unique index runs_public on runs (public_id) where public_id is not null;
