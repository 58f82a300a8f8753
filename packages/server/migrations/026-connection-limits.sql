-- expand: processes of the release before know no limit of one connection, and hold it to what its integration says.
-- owner: syncs
-- How many syncs of one connection run at once, instead of what its integration says for each.
create table connection_limits (
  connection_id int primary key references connections,
  environment_id int not null references environments,
  runs_max int not null check (runs_max > 0)
);
