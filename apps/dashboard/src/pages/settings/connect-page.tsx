/** How the Connect UI looks to the people who connect, with the page itself as a preview that follows every change. */
import { type Appearance, type ThemeName, type VariableName, variableNames, variablePatterns } from '@bowline/api/appearance';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { connectUiQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SelectField } from '../../ui/field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SwitchRow } from '../../ui/switch.tsx';
import { ColourField, isColour, LogoField, VariableField } from './connect-page-fields.tsx';
import { ConnectPreview } from './connect-preview.tsx';

export function ConnectPage() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(connectUiQuery(env));
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={4} />;
  return <Editor key={JSON.stringify(data)} stored={data} />;
}

const themes: readonly ThemeName[] = ['light', 'dark'];
const themeWords: Record<ThemeName, string> = { light: 'Light', dark: 'Dark' };

function Editor({ stored }: { stored: Appearance }) {
  const { api } = useEnvironment();
  const [settings, setSettings] = useState(stored);
  const [shown, setShown] = useState<ThemeName>('light');
  const save = useChange({
    run: () => api.dashboard.updateConnectUi({ query: {}, body: settings }),
    stale: ['environment'],
    said: 'The look of the Connect UI was saved',
  });
  const change = (part: Partial<Appearance>) => setSettings((before) => ({ ...before, ...part }));
  const isChanged = JSON.stringify(settings) !== JSON.stringify(stored);
  return (
    <Card
      title="Connect UI"
      about="The page on which your users connect their accounts: in a frame of your app, or opened as a link."
      footer={
        isChanged && (
          <>
            <span className="flex-1" />
            <Button onClick={() => setSettings(stored)}>Discard</Button>
            <Button tone="solid" busy={save.isPending} disabled={!isValid(settings)} onClick={() => save.mutate()}>
              Save
            </Button>
          </>
        )
      }
    >
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <div className="flex flex-col gap-4">
          <div className="grid gap-4 sm:grid-cols-2">
            {themes.map((theme) => (
              <ColourField
                key={theme}
                label={`Main colour, ${theme}`}
                value={settings.theme[theme].primary}
                onChange={(primary) => change({ theme: { ...settings.theme, [theme]: { primary } } })}
              />
            ))}
          </div>
          <SelectField
            label="Theme"
            help="A page that opens it may ask for another."
            value={settings.defaultTheme}
            onChange={(defaultTheme) => change({ defaultTheme: defaultTheme as Appearance['defaultTheme'] })} // one of the options
            options={[
              ['system', 'As the system has it'],
              ['light', 'Light'],
              ['dark', 'Dark'],
            ]}
          />
          <LogoField logo={settings.logo} onChange={(logo) => change({ logo })} />
          <SwitchRow
            label="Show “Connections by Bowline”"
            checked={settings.showWatermark}
            onChange={(showWatermark) => change({ showWatermark })}
          />
          {themes.map((theme) => (
            <Variables
              key={theme}
              title={`Further CSS variables, ${theme}`}
              values={settings.variables[theme]}
              onChange={(values) => change({ variables: { ...settings.variables, [theme]: values } })}
            />
          ))}
        </div>
        <div className="flex flex-col gap-2">
          <fieldset className="flex gap-1.5">
            <legend className="sr-only">Theme of the preview</legend>
            {themes.map((theme) => (
              <Button
                key={theme}
                size="small"
                tone={shown === theme ? 'solid' : 'outline'}
                aria-pressed={shown === theme}
                onClick={() => setShown(theme)}
              >
                {themeWords[theme]}
              </Button>
            ))}
          </fieldset>
          <ConnectPreview settings={settings} theme={shown} />
        </div>
      </div>
    </Card>
  );
}

type VariablesProps = {
  title: string;
  values: Appearance['variables'][ThemeName];
  onChange: (values: Appearance['variables'][ThemeName]) => void;
};

function Variables({ title, values, onChange }: VariablesProps) {
  const set = (name: VariableName, value: string) => {
    const { [name]: _, ...others } = values;
    onChange(value === '' ? others : { ...others, [name]: value });
  };
  return (
    <details>
      <summary className="font-medium">{title}</summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        {variableNames.map((name) => (
          <VariableField key={name} name={name} value={values[name] ?? ''} onChange={(value) => set(name, value)} />
        ))}
      </div>
    </details>
  );
}

function isValid({ theme, variables }: Appearance): boolean {
  const texts = themes.flatMap((name) => Object.entries(variables[name]));
  return (
    themes.every((name) => isColour(theme[name].primary)) &&
    texts.every(([name, value]) => variablePatterns[name as VariableName].test(value ?? '')) // keys of the type
  );
}
