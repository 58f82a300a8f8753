-- owner: providers
-- Providers that an environment defines itself: as it was written, and as it came out when it was checked.
create table custom_providers (
  environment_id int not null references environments,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]*$' and length(name) <= 64),
  source text not null,
  -- What it extends; of the catalogue, or another of these.
  parent text,
  -- With what it inherits. json, not jsonb: the order of fields is that of their form.
  definition json not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (environment_id, name)
);
