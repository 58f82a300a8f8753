-- Deployments of single functions and dry runs: what was asked over the API, and how it ended. Kept for 14 days.

-- owner: deployments
create table function_jobs (
  id uuid primary key,
  environment_id int not null references environments,
  kind text not null check (kind in ('deployment', 'dryrun')),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'success', 'failed')),
  integration text not null,
  function_type text not null check (function_type in ('sync', 'action')),
  function_name text,
  -- The code and what a dry run was given; gone when the job has ended.
  request json,
  attempts int not null default 0,
  -- A dry run's log.
  output text,
  result json,
  error json,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index function_jobs_age on function_jobs (created_at);
