/** Which models keep the versions of a record that a change replaced, and for how long. Saved all at once. */
import type { HistoryRule } from '@bowline/api/record-history';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { historySettingsQuery } from '../../queries.ts';
import { RowInput, RowsCard, useRows } from '../../ui/rows.tsx';

export function RecordHistory() {
  const { env } = useEnvironment();
  const { data } = useQuery(historySettingsQuery(env));
  return data ? <Rules key={JSON.stringify(data)} rules={data} /> : null;
}

const DAYS_MAX = 3650;

type Draft = { model: string; days: string };

function Rules({ rules }: { rules: HistoryRule[] }) {
  const { api } = useEnvironment();
  const list = useRows<Draft>(rules.map(({ model, keep_days }) => ({ model, days: String(keep_days) })));
  const next = list.values
    .filter(({ model }) => model.trim() !== '')
    .map(({ model, days }) => ({ model: model.trim(), keep_days: Number(days) }));
  const save = useChange({
    run: () => api.recordHistory.updateSettings({ query: {}, body: { models: next } }),
    stale: ['records'],
    said: 'What a change replaces is kept from now on',
  });
  return (
    <RowsCard
      id="record-history"
      title="Record history"
      about="Of the models named here, what a change replaces is kept for some days: records can then be read as they were. It counts from the moment a model is named; versions of one that is taken away are removed."
      noun="model"
      nameOf={({ model }) => model}
      list={list}
      blank={{ model: '', days: '30' }}
      columns="grid-cols-[1fr_7rem] sm:grid-cols-[1fr_10rem]"
      changed={JSON.stringify(next) !== JSON.stringify(rules)}
      mistake={mistakeOf(next)}
      save={save}
      row={({ model, days }, edit, number) => (
        <>
          <RowInput label={`Name of model ${number}`} placeholder="Issue" value={model} onChange={(text) => edit({ model: text })} />
          <RowInput
            label={`Days that versions of ${model || `model ${number}`} are kept`}
            placeholder="days"
            inputMode="numeric"
            value={days}
            onChange={(text) => edit({ days: text })}
          />
        </>
      )}
    />
  );
}

function mistakeOf(rules: readonly HistoryRule[]): string | undefined {
  const unnamed = rules.find(({ model }) => !/^[A-Z][\w-]+$/.test(model));
  if (unnamed) return `A model starts with a capital letter, then letters, digits, _ and -: ${unnamed.model} is none`;
  if (rules.some(({ keep_days: days }) => !Number.isInteger(days) || days < 1 || days > DAYS_MAX))
    return 'Versions are kept for 1 to 3,650 days';
  const double = rules.find(({ model }, index) => rules.findIndex((each) => each.model === model) !== index);
  return double && `${double.model} is there twice`;
}
