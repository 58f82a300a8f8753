/** Inputs for the fields of a provider's definition, with their checks shown once somebody tried to send them. */
import { type FormField, fieldId, isShown, type Refusal, refusal, type Values } from '@bowline/api/form';
import { SelectField, TextField } from './field.tsx';

type FieldInputsProps = { fields: FormField[]; values: Values; onChange: (values: Values) => void; checked: boolean };

export function FieldInputs({ fields, values, onChange, checked }: FieldInputsProps) {
  return fields
    .filter((field) => isShown(field, values))
    .map((field) => {
      const id = fieldId(field);
      const value = values[id] ?? '';
      const shared = {
        label: field.title || field.name,
        help: field.description || undefined,
        error: checked ? refusalWords(field, value) : undefined,
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

const words: Record<Refusal, string> = {
  needed: 'is needed',
  pattern: 'does not look right',
  hostname: 'must be a host name such as acme.example.com',
  uri: 'must be an address that starts with https://',
  uuid: 'must be a UUID',
  email: 'must be an e-mail address',
};

function refusalWords(field: FormField, value: string): string | undefined {
  const kind = refusal(field, value);
  if (!kind) return undefined;
  const example = kind === 'pattern' && field.example ? `; it should look like ${field.example}` : '';
  return `${field.title || field.name} ${words[kind]}${example}`;
}
