/** When a sync does not delete by itself: how much of a model, and how many records. */
import type { DeletionGuard as Guard } from '@bowline/api/deletion-guard';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { TextField } from '../../ui/field.tsx';
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
      {guard.percent !== null && <Limits guard={{ ...guard, percent: guard.percent }} busy={save.isPending} onSave={save.mutate} />}
    </Card>
  );
}

type LimitsProps = { guard: Guard & { percent: number }; busy: boolean; onSave: (guard: Guard) => void };

function Limits({ guard, busy, onSave }: LimitsProps) {
  const [percent, setPercent] = useState(String(guard.percent));
  const [records, setRecords] = useState(String(guard.records));
  const wrongPercent = whole(percent, 1, 100) ? undefined : 'A whole number from 1 to 100';
  const wrongRecords = whole(records, 0, 1_000_000_000) ? undefined : 'A whole number, 0 or more';
  const changed = percent !== String(guard.percent) || records !== String(guard.records);
  return (
    <form
      className="mt-3 grid gap-4 sm:grid-cols-[1fr_1fr_auto] sm:items-start"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrongPercent && !wrongRecords) onSave({ percent: Number(percent), records: Number(records) });
      }}
    >
      <TextField label="From this part of a model, in percent" value={percent} onChange={setPercent} error={wrongPercent} />
      <TextField label="And at least this many records" value={records} onChange={setRecords} error={wrongRecords} />
      <Button type="submit" tone="solid" busy={busy} disabled={!changed || Boolean(wrongPercent ?? wrongRecords)} className="sm:mt-6">
        Save
      </Button>
    </form>
  );
}

const whole = (text: string, min: number, max: number): boolean => /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max;
