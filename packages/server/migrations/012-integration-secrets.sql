-- owner: integrations
-- What an integration holds for fields of its provider's `integration_config` that are secret, such as keys of a cloud account: a JSON object, sealed.
alter table integrations add column secrets_sealed bytea;
