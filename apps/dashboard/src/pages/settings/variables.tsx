/** Variables that functions of the environment can read. Saved all at once. */
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { RowInput, RowsCard, useRows } from '../../ui/rows.tsx';

type Variable = { name: string; value: string };

export function Variables({ variables }: { variables: Variable[] }) {
  const { api } = useEnvironment();
  const list = useRows(variables);
  const next = list.values.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }));
  const double = next.find(({ name }, index) => next.findIndex((each) => each.name === name) !== index);
  const save = useChange({
    run: () => api.dashboard.updateEnvironment({ query: {}, body: { variables: next } }),
    stale: ['environment'],
    said: 'The variables were saved',
  });
  return (
    <RowsCard
      title="Environment variables"
      about="Functions read them with getEnvironmentVariables()."
      noun="variable"
      nameOf={({ name }) => name}
      list={list}
      blank={{ name: '', value: '' }}
      columns="grid-cols-[2fr_3fr]"
      changed={JSON.stringify(next) !== JSON.stringify(variables)}
      mistake={double && `${double.name} is there twice`}
      save={save}
      row={({ name, value }, edit, number) => (
        <>
          <RowInput label={`Name of variable ${number}`} placeholder="NAME" value={name} onChange={(text) => edit({ name: text })} />
          <RowInput
            label={`Value of ${name || `variable ${number}`}`}
            placeholder="value"
            value={value}
            onChange={(text) => edit({ value: text })}
          />
        </>
      )}
    />
  );
}
