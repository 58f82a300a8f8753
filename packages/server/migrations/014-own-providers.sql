-- owner: providers
-- A function, since Postgres prepares a subquery also where its result is not asked for: 7 of the 27 µs that reading an integration took then.
create function own_provider(environment int, provider text) returns json language sql stable as
  'select definition from custom_providers where environment_id = environment and name = provider';

-- owner: integrations
-- Whether its provider is one that the environment defines, and not the catalogue's of that name.
alter table integrations add column is_own_provider boolean not null default false;
update integrations i set is_own_provider = true
  from custom_providers p where p.environment_id = i.environment_id and p.name = i.provider and not i.shared_app;
