-- owner: integrations
-- True while the integration works on an app that the operator of this installation registered, not its developer: its secrets are not theirs to read.
alter table integrations add column shared_app boolean not null default false;
