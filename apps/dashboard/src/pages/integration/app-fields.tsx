/** The form of what was registered at a provider, as its auth mode has it. */
import type { Provider } from '@bowline/api/providers';
import { type AppField, modeOf } from '../../auth-modes.ts';
import { SecretLinesField, TextField } from '../../ui/field.tsx';
import type { AppValues } from './app-values.ts';

type AppFieldsProps = {
  provider: Provider;
  values: AppValues;
  onChange: (values: AppValues) => void;
  /** What is wrong, once somebody tried to send it. */
  errors: AppValues;
};

export function AppFields({ provider, values, onChange, errors }: AppFieldsProps) {
  const { fields, optional } = modeOf(provider);
  if (fields.length === 0) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {fields.map((field) => (
        <div key={field.name} className={field.short ? 'min-w-0' : 'min-w-0 sm:col-span-2'}>
          <AppInput
            field={optional ? { ...field, optional } : field}
            value={values[field.name] ?? ''}
            onChange={(value) => onChange({ ...values, [field.name]: value })}
            error={errors[field.name]}
          />
          {field.name === 'scopes' && (
            <ScopeChoice provider={provider} value={values.scopes ?? ''} onChange={(next) => onChange({ ...values, scopes: next })} />
          )}
        </div>
      ))}
    </div>
  );
}

type AppInputProps = { field: AppField; value: string; onChange: (value: string) => void; error: string | undefined };

function AppInput({ field, value, onChange, error }: AppInputProps) {
  const { label, help, example, optional = false, secret = false } = field;
  const shared = { label, help, error, optional, value, placeholder: example };
  if (field.lines) return <SecretLinesField {...shared} onChange={onChange} />;
  const change = field.name === 'scopes' ? (text: string) => onChange(text.replace(/[\s,]+/g, ',').replace(/^,/, '')) : onChange;
  return <TextField {...shared} mono secret={secret} autoComplete={secret ? 'new-password' : 'off'} onChange={change} />;
}

/** The scopes that the catalogue knows, to click instead of typing. */
function ScopeChoice({ provider, value, onChange }: { provider: Provider; value: string; onChange: (scopes: string) => void }) {
  const available = provider.available_scopes;
  const scopes = Array.isArray(available) ? available.filter((scope): scope is string => typeof scope === 'string') : [];
  const chosen = value.split(',').filter(Boolean);
  if (scopes.length === 0) return null;
  return (
    <details className="mt-2 text-xs">
      <summary className="rounded text-muted hover:text-ink">{scopes.length} scopes of this provider</summary>
      <div className="mt-2 flex flex-wrap gap-1.5">
        {scopes.map((scope) => {
          const on = chosen.includes(scope);
          const next = on ? chosen.filter((each) => each !== scope) : [...chosen, scope];
          return (
            <button
              key={scope}
              type="button"
              aria-pressed={on}
              onClick={() => onChange(next.join(','))}
              className={`rounded-md border px-1.5 py-0.5 font-mono text-2xs ${on ? 'border-accent/40 bg-accent-soft text-accent' : 'border-line text-muted hover:bg-hover'}`}
            >
              {scope}
            </button>
          );
        })}
      </div>
    </details>
  );
}
