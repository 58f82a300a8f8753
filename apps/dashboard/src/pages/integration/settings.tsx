/** How one integration connects: its name, what was registered at the provider, and its end. */
import type { Provider } from '@bowline/api/providers';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { modeName, modeOf } from '../../auth-modes.ts';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import type { IntegrationDetail } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { TextField } from '../../ui/field.tsx';
import { Time } from '../../ui/time.tsx';
import { IntegrationLimits } from '../limits/sync-limits.tsx';
import { RegisteredApp } from './registered-app.tsx';

type Props = { integration: IntegrationDetail; provider: Provider | undefined };

export function Settings({ integration, provider }: Props) {
  return (
    <div className="flex flex-col gap-5">
      <General integration={integration} provider={provider} />
      {provider && modeOf(provider).app && <RegisteredApp integration={integration} provider={provider} />}
      <IntegrationLimits integrationKey={integration.unique_key} />
      <Remove integration={integration} />
    </div>
  );
}

function General({ integration, provider }: Props) {
  const { api } = useEnvironment();
  const [name, setName] = useState(integration.display_name);
  const save = useChange({
    run: () => api.integrations.update({ params: { uniqueKey: integration.unique_key }, query: {}, body: { display_name: name } }),
    stale: ['integrations'],
    said: 'The name was saved',
  });
  return (
    <Card title="General">
      <form
        className="mb-5 flex max-w-md items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div className="min-w-0 flex-1">
          <TextField label="Display name" help={undefined} value={name} onChange={setName} />
        </div>
        {name !== integration.display_name && name !== '' && (
          <Button type="submit" tone="solid" className="h-9" busy={save.isPending}>
            Save
          </Button>
        )}
      </form>
      <Facts
        facts={[
          ['Integration key', <Copyable key="key" text={integration.unique_key} label="Copy integration key" />],
          ['Auth mode', provider ? modeName(provider.auth_mode) : '—'],
          ['Created', <Time key="created" at={integration.created_at} />],
          ['Last changed', <Time key="updated" at={integration.updated_at} />],
        ]}
      />
    </Card>
  );
}

function Remove({ integration }: { integration: IntegrationDetail }) {
  const { env, api } = useEnvironment();
  const navigate = useNavigate();
  const remove = useChange({
    run: () => api.integrations.remove({ params: { uniqueKey: integration.unique_key }, query: {} }),
    stale: ['integrations', 'connections'],
    said: `${integration.display_name} was deleted`,
    after: () => void navigate({ to: '/$env/integrations', params: { env } }),
  });
  const ask = async () => {
    const yes = await confirm({
      title: `Delete ${integration.display_name}?`,
      body: 'Its connections, their syncs and their records are deleted with it. This cannot be undone.',
      action: 'Delete integration',
      danger: true,
      typed: integration.unique_key,
    });
    if (yes) remove.mutate();
  };
  return (
    <Card
      danger
      title="Delete this integration"
      about="Its connections, their syncs and their records go with it."
      actions={
        <Button tone="danger" busy={remove.isPending} onClick={() => void ask()}>
          Delete integration
        </Button>
      }
    />
  );
}
