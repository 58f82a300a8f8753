/** Inputs for the fields of a provider's definition, with their checks shown once a field was left. */
import { SelectField, TextField } from '../ui/field.tsx';
import { type ConnectField, fieldId, isShown, refusal, type Values } from './fields.ts';

type FieldInputsProps = { fields: ConnectField[]; values: Values; onChange: (values: Values) => void; checked: boolean };

export function FieldInputs({ fields, values, onChange, checked }: FieldInputsProps) {
  return fields
    .filter((field) => isShown(field, values))
    .map((field) => {
      const id = fieldId(field);
      const value = values[id] ?? '';
      const shared = {
        label: field.title || field.name,
        help: field.description || undefined,
        error: checked ? refusal(field, value) : undefined,
        value,
        onChange: (next: string) => onChange({ ...values, [id]: next }),
      };
      if (field.enum) {
        const options = field.enum.map((option) => [option, option] as const);
        return <SelectField key={id} {...shared} options={field.optional ? [['', 'None'] as const, ...options] : options} />;
      }
      return (
        <TextField
          key={id}
          {...shared}
          {...(field.optional ? { optional: true } : {})}
          name={id}
          placeholder={field.example}
          secret={field.secret ?? false}
          prefix={field.prefix}
          suffix={field.suffix}
          autoComplete={field.secret ? 'new-password' : 'off'}
        />
      );
    });
}

export function isComplete(fields: ConnectField[], values: Values): boolean {
  return fields.every((field) => !isShown(field, values) || !refusal(field, values[fieldId(field)] ?? ''));
}
