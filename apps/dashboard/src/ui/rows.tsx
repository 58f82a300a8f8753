/** A card of rows that are added, changed and taken away, and saved all at once. */
import { Plus, X } from 'lucide-react';
import { type ComponentProps, type ReactNode, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { Card } from './card.tsx';
import { cx } from './class-names.ts';
import { inputClass } from './field.tsx';

type Edit<T> = (change: Partial<T>) => void;

/** What is being edited, beginning with what is kept on the server. */
export function useRows<T extends object>(kept: readonly T[]) {
  const start = () => kept.map((value, key) => ({ key, value }));
  const [rows, setRows] = useState(start);
  return {
    rows,
    values: rows.map(({ value }) => value),
    add: (value: T) => setRows([...rows, { key: Math.max(-1, ...rows.map(({ key }) => key)) + 1, value }]),
    edit: (key: number, change: Partial<T>) =>
      setRows(rows.map((row) => (row.key === key ? { key, value: { ...row.value, ...change } } : row))),
    remove: (key: number) => setRows(rows.filter((row) => row.key !== key)),
    reset: () => setRows(start()),
  };
}

type RowsCardProps<T extends object> = {
  id?: string;
  title: string;
  about: ReactNode;
  /** What a row is called, such as `variable`; and one by itself, where it has a name. */
  noun: string;
  nameOf?: (value: T) => string;
  list: ReturnType<typeof useRows<T>>;
  /** What a new row begins with. */
  blank: T;
  /** The fields of a row, the first being number 1. */
  row: (value: T, edit: Edit<T>, number: number) => ReactNode;
  /** The columns of the fields. */
  columns: string;
  changed: boolean;
  mistake: string | undefined;
  save: { isPending: boolean; mutate: () => void };
  onDiscard?: () => void;
  /** Stands above the rows; without it a card without rows says that there are none. */
  children?: ReactNode;
};

export function RowsCard<T extends object>(props: RowsCardProps<T>) {
  const { id, title, about, noun, nameOf, list, blank, row, columns, changed, mistake, save, onDiscard = list.reset, children } = props;
  return (
    <Card
      {...(id ? { id } : {})}
      title={title}
      about={about}
      actions={
        <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => list.add(blank)}>
          Add {noun}
        </Button>
      }
      footer={
        changed && (
          <>
            <span className="flex-1 text-bad">{mistake}</span>
            <Button onClick={onDiscard}>Discard</Button>
            <Button tone="solid" busy={save.isPending} disabled={mistake !== undefined} onClick={() => save.mutate()}>
              Save
            </Button>
          </>
        )
      }
    >
      {children}
      {list.rows.length === 0 && !children && <p className="text-muted">There are none yet.</p>}
      {list.rows.length > 0 && (
        <ul className={cx('flex flex-col gap-2', children !== undefined && 'mt-4')} aria-label={`Each ${noun}`}>
          {list.rows.map(({ key, value }, index) => (
            <li key={key} className="flex items-start gap-2">
              <div className={cx('grid min-w-0 flex-1 gap-2', columns)}>{row(value, (change) => list.edit(key, change), index + 1)}</div>
              <IconButton label={`Remove ${nameOf?.(value) || `${noun} ${index + 1}`}`} onClick={() => list.remove(key)} className="mt-1">
                <X aria-hidden className="size-4" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

type RowInputProps = Omit<ComponentProps<'input'>, 'onChange'> & { label: string; value: string; onChange: (value: string) => void };

export function RowInput({ label, onChange, ...rest }: RowInputProps) {
  return (
    <input
      aria-label={label}
      spellCheck={false}
      autoComplete="off"
      {...rest}
      onChange={(event) => onChange(event.target.value)}
      className={cx(inputClass, 'h-9 font-mono text-xs')}
    />
  );
}
