/** What a new integration needs: a key, what was registered at the provider, and settings of its own where the provider has some. */
import { fieldsOf, isComplete, startingValues, valuesOf } from '@bowline/api/form';
import type { Provider } from '@bowline/api/providers';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { integrationsQuery } from '../../queries.ts';
import { useSettled } from '../../settled.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { FieldInputs } from '../../ui/field-inputs.tsx';
import { AppFields } from './app-fields.tsx';
import { type AppValues, checkApp } from './app-values.ts';
import { GuideSections, SetupSteps } from './guide.tsx';

export function CreateForm({ provider, onDone }: { provider: Provider; onDone: () => void }) {
  const { env, api } = useEnvironment();
  const navigate = useNavigate();
  const { data: existing } = useQuery(integrationsQuery(env));
  const fields = useMemo(() => fieldsOf(provider, ['integration_config']), [provider]);
  const [values, setValues] = useState(() => startingValues(fields));
  const [key, setKey] = useState(() => freeKey(provider.name, existing?.map((each) => each.unique_key) ?? []));
  const [app, setApp] = useState<AppValues>({});
  const [checked, setChecked] = useState(false);
  const { credentials, errors } = checkApp(provider, app);
  const complete = key !== '' && isComplete(fields, values) && Object.keys(errors).length === 0;
  const create = useChange({
    run: () =>
      api.integrations.create({
        query: {},
        body: {
          provider: provider.name,
          unique_key: key,
          ...(credentials ? { credentials } : {}),
          ...(fields.length > 0 ? { integration_config: valuesOf(fields, values, 'integration_config') } : {}),
        },
      }),
    stale: ['integrations'],
    said: `${provider.display_name} was added`,
    quiet: true,
    after: () => {
      onDone();
      void navigate({ to: '/$env/integrations/$key', params: { env, key } });
    },
  });
  const about = { provider: provider.name, integration: useSettled(key) };
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_25rem]">
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (complete) create.mutate();
        }}
      >
        <TextField
          label="Integration key"
          mono
          help="Names this integration in your code."
          value={key}
          onChange={setKey}
          error={checked && !key ? 'A key is needed' : undefined}
        />
        <SetupSteps {...about} />
        <AppFields provider={provider} values={app} onChange={setApp} errors={checked ? errors : {}} />
        <FieldInputs fields={fields} values={values} onChange={setValues} checked={checked} />
        {create.isError && <Notice title={wordsOf(create.error)} />}
        <div className="flex justify-end">
          <Button type="submit" tone="solid" busy={create.isPending}>
            Add integration
          </Button>
        </div>
      </form>
      <aside aria-label={`Guide to ${provider.display_name}`} className="min-w-0 self-start overflow-hidden rounded-xl border border-line">
        <GuideSections {...about} open={['connect']} />
      </aside>
    </div>
  );
}

/** `github`, then `github-2`. */
function freeKey(name: string, taken: string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}-${number}`)) number++;
  return `${name}-${number}`;
}
