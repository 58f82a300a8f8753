/** What the provider is asked for webhooks with, entered by the developer. Secrets are replaced, never shown. */
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import type { IntegrationDetail } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

type Setting = {
  name: string;
  title: string;
  description: string;
  example: string | null;
  secret: boolean;
  required: boolean;
  set: boolean;
  value: string | null;
};

export function SubscriptionSettings({ integration, settings }: { integration: IntegrationDetail; settings: readonly Setting[] }) {
  const { api } = useEnvironment();
  const [entered, setEntered] = useState<Record<string, string>>({});
  const changed = Object.entries(entered).filter(([name, value]) => value !== (settings.find((one) => one.name === name)?.value ?? ''));
  const save = useChange({
    run: () =>
      api.integrations.update({
        params: { uniqueKey: integration.unique_key },
        query: {},
        body: { subscription_settings: Object.fromEntries(changed.map(([name, value]) => [name, value.trim()])) },
      }),
    stale: ['integrations'],
    said: 'Saved; the provider is asked with it',
    after: () => setEntered({}),
  });
  return (
    <form
      className="mb-5 flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {settings.map(({ name, title, description, example, secret, required, set, value }) => (
        <TextField
          key={name}
          label={title}
          help={description}
          optional={!required}
          secret={secret}
          value={entered[name] ?? value ?? ''}
          onChange={(text) => setEntered({ ...entered, [name]: text })}
          placeholder={secret && set ? 'Kept. Enter another one to replace it' : (example ?? undefined)}
        />
      ))}
      {changed.length > 0 && (
        <Button type="submit" tone="solid" className="self-start" busy={save.isPending}>
          Save
        </Button>
      )}
    </form>
  );
}
