-- Every version of a function is kept, and every deployment with what it changed: what runs is a pointer to a version.

-- owner: deployments
create table deployments (
  environment_id int not null references environments,
  -- Counted in the environment, from 1: people say it.
  number int not null,
  -- `baseline`: what was deployed before there was a history.
  kind text not null check (kind in ('baseline', 'deploy', 'rollback', 'delete')),
  -- Who, as they were called then: {"type": "api_key" | "member", "name"}. Null where it is not known.
  deployed_by jsonb,
  -- Of a rollback of everything: the deployment that was gone back to.
  target int,
  -- Its entry in the activity log, which goes sooner.
  operation_id text,
  -- How many functions it held that were there just so.
  unchanged int not null default 0,
  created_at timestamptz not null default now(),
  primary key (environment_id, number)
);
-- Rows are written once. A deleted function that comes again goes on with its numbers, so the key is its name and not its row.
create table function_versions (
  id bigint generated always as identity primary key,
  environment_id int not null references environments,
  integration_id int not null references integrations,
  type text not null check (type in ('sync', 'action', 'on-event')),
  name text not null,
  -- Counted for each function, from 1. Labels may repeat, numbers do not.
  number int not null,
  label text not null,
  event text,
  source text not null check (source in ('repo', 'catalog', 'standalone')),
  -- What the author declared (models, frequency text, autoStart, schemas …), as the deployment sent it without the code.
  config jsonb not null,
  frequency_ms bigint,
  code_hash bytea not null,
  -- The deployment that brought it.
  deployment int not null,
  created_at timestamptz not null default now(),
  unique (integration_id, type, name, number),
  foreign key (environment_id, deployment) references deployments
);
create table deployment_changes (
  environment_id int not null references environments,
  deployment int not null,
  -- The version that is there since; of a deletion the one that was there.
  version_id bigint not null references function_versions,
  change text not null check (change in ('created', 'updated', 'deleted', 'rolled_back', 'restored')),
  -- The version that was there before.
  was_id bigint references function_versions,
  primary key (environment_id, deployment, version_id),
  foreign key (environment_id, deployment) references deployments
);
create index deployment_changes_version on deployment_changes (version_id);
create index deployment_changes_was on deployment_changes (was_id);

insert into deployments (environment_id, number, kind, created_at)
  select environment_id, 1, 'baseline', coalesce(max(deployed_at) filter (where deleted_at is null), max(deployed_at))
    from functions group by environment_id;
insert into function_versions
    (environment_id, integration_id, type, name, number, label, event, source, config, frequency_ms, code_hash, deployment, created_at)
  select environment_id, integration_id, type, name, row_number() over (partition by integration_id, type, name order by id), version, event, source,
         config, frequency_ms, code_hash, 1, deployed_at
    from functions order by id;
alter table functions add column version_id bigint references function_versions;
update functions f set version_id = v.id
  from (select id, row_number() over (partition by integration_id, type, name order by id) as number from functions) counted, function_versions v
 where counted.id = f.id and v.integration_id = f.integration_id and v.type = f.type and v.name = f.name and v.number = counted.number;
insert into deployment_changes (environment_id, deployment, version_id, change)
  select environment_id, 1, version_id, 'created' from functions where deleted_at is null;

-- `deployed_at` stays: when the function was given the version it has.
alter table functions alter column version_id set not null,
  drop column event, drop column version, drop column source, drop column config, drop column frequency_ms, drop column code_hash;

-- Relative files that a bundle was made of, besides the function's own: {path: hash}. Part of what `hash` is of.
alter table function_code add column files jsonb;
-- Such a file is stored once, however many functions and versions hold it.
create table function_files (
  environment_id int not null references environments,
  hash bytea not null,
  text text not null,
  primary key (environment_id, hash)
);
-- Who asked, for the history of what the job deploys.
alter table function_jobs add column asked_by jsonb;
