/** A few whole numbers that are saved together; only those that differ are sent. A field may be left empty where that has a meaning. */
import { useState } from 'react';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { TextField } from './field.tsx';
import { count } from './time.tsx';

export type NumberField<Name extends string> = {
  name: Name;
  label: string;
  help?: string;
  value: number | null;
  min: number;
  max: number;
};
type NumbersFormProps<Name extends string> = {
  fields: readonly NumberField<Name>[];
  /** An empty field is null. */
  canBeEmpty?: (name: Name) => boolean;
  busy: boolean;
  onSave: (changed: Partial<Record<Name, number | null>>) => void;
};

const textOf = (value: number | null): string => (value === null ? '' : String(value));
const columns: Readonly<Record<number, string>> = { 1: 'sm:grid-cols-[minmax(0,24rem)_auto]', 2: 'sm:grid-cols-[1fr_1fr_4rem]' };

/** Give it a `key` of the values, so that it begins anew when they change. */
export function NumbersForm<Name extends string>({ fields, canBeEmpty = () => false, busy, onSave }: NumbersFormProps<Name>) {
  const [texts, setTexts] = useState<Partial<Record<Name, string>>>({});
  const shown = fields.map((field) => {
    const text = (texts[field.name] ?? textOf(field.value)).trim();
    const empty = canBeEmpty(field.name);
    const value = text === '' ? null : /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    const fits = value === null ? empty : value >= field.min && value <= field.max;
    const mistake = `A whole number from ${count(field.min)} to ${count(field.max)}${empty ? ', or nothing' : ''}`;
    return { ...field, text, to: value, error: fits ? undefined : mistake };
  });
  const changed = shown.filter(({ text, value }) => text !== textOf(value));
  const isWrong = shown.some(({ error }) => error);
  return (
    <form
      className={cx('grid gap-4 sm:items-start', columns[fields.length])}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWrong || changed.length === 0) return;
        onSave(Object.fromEntries(changed.map(({ name, to }) => [name, to])) as Partial<Record<Name, number | null>>); // of the fields' own names
      }}
    >
      {shown.map(({ name, label, help, text, error }) => (
        <TextField
          key={name}
          label={label}
          help={help}
          error={error}
          inputMode="numeric"
          value={text}
          onChange={(next) => setTexts({ ...texts, [name]: next })}
        />
      ))}
      {changed.length > 0 && (
        <Button type="submit" tone="solid" busy={busy} disabled={isWrong} className="sm:mt-6.5 sm:justify-self-start">
          Save
        </Button>
      )}
    </form>
  );
}
