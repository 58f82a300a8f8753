/** What an integration holds of the provider: the client, app or plugin that was registered there, to read and to change. */
import type { Provider } from '@bowline/api/providers';
import { useState } from 'react';
import { modeOf } from '../../auth-modes.ts';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import type { IntegrationDetail } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Notice } from '../../ui/empty.tsx';
import { AppFields } from './app-fields.tsx';
import { checkApp, keptValues } from './app-values.ts';
import { SetupSteps } from './guide.tsx';

export function RegisteredApp({ integration, provider }: { integration: IntegrationDetail; provider: Provider }) {
  const { api } = useEnvironment();
  const { app = 'Client', fields } = modeOf(provider);
  const kept = keptValues(provider, integration.credentials);
  const [values, setValues] = useState(kept);
  const [checked, setChecked] = useState(false);
  const changed = fields.some(({ name }) => values[name] !== kept[name]);
  const { credentials, errors } = checkApp(provider, values, kept);
  const save = useChange({
    run: () =>
      api.integrations.update({ params: { uniqueKey: integration.unique_key }, query: {}, body: credentials ? { credentials } : {} }),
    stale: ['integrations'],
    said: `The ${app.toLowerCase()} was saved`,
    quiet: true,
  });
  const discard = () => {
    setValues(kept);
    setChecked(false);
    save.reset();
  };
  const submit = () => {
    setChecked(true);
    if (Object.keys(errors).length === 0) save.mutate();
  };
  const automatic = fields.length === 0 && integration.credentials?.client_id;
  return (
    <Card
      title={app}
      about={fields.length > 0 ? `What you registered at ${provider.display_name}.` : undefined}
      footer={
        changed && (
          <>
            <span className="flex-1 text-muted">You have changes that are not saved.</span>
            <Button onClick={discard}>Discard</Button>
            <Button tone="solid" busy={save.isPending} onClick={submit}>
              Save
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <SetupSteps provider={provider.name} integration={integration.unique_key} />
        <AppFields provider={provider} values={values} onChange={setValues} errors={checked ? errors : {}} />
        {automatic && <Facts facts={[['Client ID', <Copyable key="id" text={automatic} label="Copy client ID" />]]} />}
        {save.isError && <Notice title={wordsOf(save.error)} />}
      </div>
    </Card>
  );
}
