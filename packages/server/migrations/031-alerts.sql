-- expand: processes of the release before know no alerts.
-- owner: health
-- What needs somebody's look now, and that it was told: a row as long as it does.
create table alerts (
  environment_id int not null,
  kind text not null check (kind in ('rate_limit', 'late_sync', 'subscription')),
  -- Tells one from another of the same kind.
  subject text not null,
  -- What was told when it began, and is told again when it is over.
  news jsonb not null,
  opened_at timestamptz not null default now(),
  primary key (environment_id, kind, subject)
);
