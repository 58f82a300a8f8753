/** When a sync does not delete by itself: how much of a model, and how many records. */
import type { DeletionGuard as Guard } from '@bowline/api/deletion-guard';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Card } from '../../ui/card.tsx';
import { NumbersForm } from '../../ui/numbers-form.tsx';
import { SwitchRow } from '../../ui/switch.tsx';

/** What the fields show again when the guard is turned on. */
const usual: Guard = { percent: 50, records: 100 };

export function DeletionGuard({ guard }: { guard: Guard }) {
  const { api } = useEnvironment();
  const save = useChange({
    run: (deletion_guard: Guard) => api.dashboard.updateEnvironment({ query: {}, body: { deletion_guard } }),
    stale: ['environment'],
    said: 'The setting was saved',
  });
  return (
    <Card title="Deletions in syncs" about="A run that reads everything takes what it does not meet for deleted.">
      <SwitchRow
        label="Hold large deletions back"
        about="They wait in the connection until you approve them or a later run meets the records; so do those of a run whose own requests failed."
        checked={guard.percent !== null}
        disabled={save.isPending}
        onChange={(on) => save.mutate(on ? usual : { ...guard, percent: null })}
      />
      {guard.percent !== null && (
        <div className="mt-3">
          <NumbersForm
            fields={[
              { name: 'percent', label: 'From this part of a model, in percent', value: guard.percent, min: 1, max: 100 },
              { name: 'records', label: 'And at least this many records', value: guard.records, min: 0, max: 1_000_000_000 },
            ]}
            busy={save.isPending}
            onSave={({ percent, records }) => save.mutate({ percent: percent ?? guard.percent, records: records ?? guard.records })}
          />
        </div>
      )}
    </Card>
  );
}
