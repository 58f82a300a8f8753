/** Variables that functions of the environment can read. Saved all at once. */
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { inputClass } from '../../ui/field.tsx';

type Variable = { name: string; value: string };
type Row = Variable & { id: number };

export function Variables({ variables }: { variables: Variable[] }) {
  const { api } = useEnvironment();
  const start = (): Row[] => variables.map((each, id) => ({ ...each, id }));
  const [rows, setRows] = useState(start);
  const next = rows.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }));
  const changed = JSON.stringify(next) !== JSON.stringify(variables);
  const double = next.find(({ name }, index) => next.findIndex((each) => each.name === name) !== index);
  const save = useChange({
    run: () => api.dashboard.updateEnvironment({ query: {}, body: { variables: next } }),
    stale: ['environment'],
    said: 'The variables were saved',
  });
  const edit = (id: number, change: Partial<Variable>) => setRows(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));
  const add = () => setRows([...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: '', value: '' }]);
  return (
    <Card
      title="Environment variables"
      about="Functions read them with getEnvironmentVariables()."
      actions={
        <Button icon={<Plus aria-hidden className="size-4" />} onClick={add}>
          Add variable
        </Button>
      }
      footer={
        changed && (
          <>
            <span className="flex-1 text-bad">{double && `${double.name} is there twice`}</span>
            <Button onClick={() => setRows(start())}>Discard</Button>
            <Button tone="solid" busy={save.isPending} disabled={double !== undefined} onClick={() => save.mutate()}>
              Save
            </Button>
          </>
        )
      }
    >
      {rows.length === 0 && <p className="text-muted">There are none yet.</p>}
      <ul className="flex flex-col gap-2">
        {rows.map((row, index) => (
          <VariableRow
            key={row.id}
            row={row}
            number={index + 1}
            onEdit={(change) => edit(row.id, change)}
            onRemove={() => setRows(rows.filter(({ id }) => id !== row.id))}
          />
        ))}
      </ul>
    </Card>
  );
}

type RowProps = { row: Row; number: number; onEdit: (change: Partial<Variable>) => void; onRemove: () => void };

function VariableRow({ row, number, onEdit, onRemove }: RowProps) {
  const input = `${inputClass} h-9 font-mono text-xs`;
  return (
    <li className="flex items-center gap-2">
      <input
        aria-label={`Name of variable ${number}`}
        placeholder="NAME"
        spellCheck={false}
        value={row.name}
        onChange={(event) => onEdit({ name: event.target.value })}
        className={`${input} max-w-[16rem] flex-2`}
      />
      <input
        aria-label={`Value of ${row.name || `variable ${number}`}`}
        placeholder="value"
        spellCheck={false}
        autoComplete="off"
        value={row.value}
        onChange={(event) => onEdit({ value: event.target.value })}
        className={`${input} flex-3`}
      />
      <IconButton label={`Remove ${row.name || `variable ${number}`}`} onClick={onRemove}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </li>
  );
}
