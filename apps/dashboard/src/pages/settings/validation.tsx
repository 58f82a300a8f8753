/** What happens to values that do not fit the schemas of the functions. */
import type { Validation } from '@bowline/api/dashboard';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Card } from '../../ui/card.tsx';
import { SelectField } from '../../ui/field.tsx';

type Mode = Validation[keyof Validation];
type Choice = { name: keyof Validation; label: string; about: Record<Mode, string> };

const modes: readonly (readonly [Mode, string])[] = [
  ['off', 'Off'],
  ['warn', 'Warn'],
  ['fail', 'Fail'],
];
const choices: readonly Choice[] = [
  {
    name: 'inputs',
    label: 'Inputs of actions',
    about: {
      off: 'Functions get what callers send, as it is.',
      warn: 'The function runs, and the log of its run says what does not fit. So too for the metadata that a sync declares.',
      fail: 'The function is not called: its caller gets invalid_action_input. A sync whose metadata do not fit fails.',
    },
  },
  {
    name: 'outputs',
    label: 'Outputs of actions',
    about: {
      off: 'Callers get what functions return, as it is.',
      warn: 'The caller gets the output, and the log of the run says what does not fit.',
      fail: 'The caller gets invalid_action_output. What the function did at the provider stands.',
    },
  },
  {
    name: 'records',
    label: 'Records of syncs',
    about: {
      off: 'Records are saved as they come.',
      warn: 'Records are saved, and the log of the run has a line for each kind of mistake.',
      fail: 'Of up to 1,000 records that are saved together none is, if one does not fit; the run fails unless the function catches that.',
    },
  },
];
const isMode = (text: string): text is Mode => modes.some(([mode]) => mode === text);

export function ValidationModes({ validation }: { validation: Validation }) {
  const { api } = useEnvironment();
  const save = useChange({
    run: (change: Partial<Validation>) => api.dashboard.updateEnvironment({ query: {}, body: { validation: change } }),
    stale: ['environment'],
    said: 'It counts from the next run on',
  });
  return (
    <Card title="Validation" about="Whether values must fit the schemas that the functions of this environment were deployed with.">
      <div className="flex flex-col gap-4">
        {choices.map(({ name, label, about }) => (
          <SelectField
            key={name}
            label={label}
            help={about[validation[name]]}
            value={validation[name]}
            options={modes}
            onChange={(mode) => {
              if (isMode(mode)) save.mutate({ [name]: mode });
            }}
          />
        ))}
      </div>
    </Card>
  );
}
