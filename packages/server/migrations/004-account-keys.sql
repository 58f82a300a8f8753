-- An API key belongs to an environment, or to the account itself. It is the same kind of key, found and kept the same way; only its
-- holder differs (decisions/016-account-keys.md). A secret stays unique among both.

-- owner: environments
alter table api_keys alter environment_id drop not null;
alter table api_keys add account_id int references accounts;
alter table api_keys add constraint api_keys_holder check (num_nonnulls(environment_id, account_id) = 1);
create unique index api_keys_account_display_name on api_keys (account_id, display_name) where deleted_at is null;
