/** Where webhooks go, and which ones. */
import type { WebhookSettings } from '@bowline/api/dashboard';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { TextField } from '../../ui/field.tsx';
import { SwitchRow } from '../../ui/switch.tsx';

function useSave() {
  const { api } = useEnvironment();
  return useChange({
    run: (webhooks: Partial<WebhookSettings>) => api.dashboard.updateEnvironment({ query: {}, body: { webhooks } }),
    stale: ['environment'],
    said: 'The webhook settings were saved',
  });
}

export function WebhookUrls({ webhooks }: { webhooks: WebhookSettings }) {
  const save = useSave();
  const [primary, setPrimary] = useState(webhooks.primary_url);
  const [secondary, setSecondary] = useState(webhooks.secondary_url);
  const changed = primary !== webhooks.primary_url || secondary !== webhooks.secondary_url;
  const wrong = (url: string) => (url === '' || /^https?:\/\/\S+$/.test(url) ? undefined : 'An address starts with https:// or http://');
  return (
    <Card
      title="Webhook URLs"
      about="Your app hears here about new connections, finished syncs and failures."
      footer={
        changed && (
          <>
            <span className="flex-1" />
            <Button
              onClick={() => {
                setPrimary(webhooks.primary_url);
                setSecondary(webhooks.secondary_url);
              }}
            >
              Discard
            </Button>
            <Button
              tone="solid"
              busy={save.isPending}
              disabled={Boolean(wrong(primary) ?? wrong(secondary))}
              onClick={() => save.mutate({ primary_url: primary, secondary_url: secondary })}
            >
              Save
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          mono
          label="Primary URL"
          placeholder="https://app.example.com/webhooks/bowline"
          value={primary}
          onChange={setPrimary}
          error={wrong(primary)}
        />
        <TextField mono optional label="Secondary URL" value={secondary} onChange={setSecondary} error={wrong(secondary)} />
      </div>
    </Card>
  );
}

const events: [keyof WebhookSettings, string, string][] = [
  ['on_auth_creation', 'New connections', 'When an end user has connected.'],
  ['on_auth_refresh_error', 'Credentials that can no longer be refreshed', 'So that you can ask the end user to connect again.'],
  [
    'on_auth_refresh_recovered',
    'Credentials that work again',
    'After such a failure: `success` is then true, which older receivers may not expect.',
  ],
  ['on_sync_completion_always', 'Every finished sync', 'Also when nothing changed. Otherwise only changes are told.'],
  ['on_sync_error', 'Failed syncs', 'When a run ended with an error.'],
  ['on_async_action_completion', 'Finished asynchronous actions', 'When the result can be fetched.'],
];

export function WebhookEvents({ webhooks }: { webhooks: WebhookSettings }) {
  const save = useSave();
  return (
    <Card title="Webhook events">
      <div className="-my-1 divide-y divide-line">
        {events.map(([name, label, about]) => (
          <SwitchRow
            key={name}
            label={label}
            about={about}
            checked={webhooks[name] === true}
            disabled={save.isPending}
            onChange={(on) => save.mutate({ [name]: on })}
          />
        ))}
      </div>
    </Card>
  );
}
