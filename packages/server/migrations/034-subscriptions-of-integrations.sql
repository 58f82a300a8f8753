-- expand: processes of the release before ask for no subscriptions of integrations. One that takes the job of such a row finds no connection and removes it; it is
-- made anew, at the same address, when its integration changes.
-- owner: integrations
alter table integrations
  -- What the developer entered so that the provider can be asked for webhooks of the whole app, and tokens that were exchanged for it: a JSON object, sealed.
  add column subscription_settings_sealed bytea;

-- owner: subscriptions
alter table webhook_subscriptions
  -- Null: of the whole integration.
  alter column connection_id drop not null,
  -- Where it is of the integration: the connection whose polls are compared with it.
  add column polled_by int;
create unique index webhook_subscriptions_of_integration on webhook_subscriptions (integration_id, target) where connection_id is null;
