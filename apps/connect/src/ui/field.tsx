/** Inputs with label, help and error, tied together for screen readers. Secrets can be shown; keys of several lines keep their lines. */
import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { IconButton } from './button.tsx';

const inputClass =
  'w-full min-w-0 rounded-control border border-edge bg-panel px-3 text-base text-ink transition-colors aria-invalid:border-bad';

type Ids = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true; 'aria-required'?: true };
export type FieldProps = {
  label: string;
  /** Says that it may be left empty; absent: it must not. */
  optional?: string | undefined;
  help?: ReactNode;
  /** A link to where the value is found. */
  link?: ReactNode;
  error?: string | undefined;
};

export function Field({ label, optional, help, link, error, children }: FieldProps & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const notes = [error ? `${id}-error` : '', help ? `${id}-help` : ''].filter(Boolean).join(' ');
  const ids: Ids = {
    id,
    ...(notes ? { 'aria-describedby': notes } : {}),
    ...(error ? { 'aria-invalid': true } : {}),
    ...(optional ? {} : { 'aria-required': true }),
  };
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="flex items-baseline justify-between gap-3 font-medium">
        <span className="min-w-0 [overflow-wrap:anywhere]">{label}</span>
        {optional && <span className="text-sm font-normal text-muted">{optional}</span>}
      </label>
      {children(ids)}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="text-sm text-muted">
          {help}
        </p>
      )}
      {link}
    </div>
  );
}

type TextProps = FieldProps & {
  name: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string | undefined;
  prefix?: string | undefined;
  suffix?: string | undefined;
  /** Of several lines. */
  long?: boolean;
  type?: 'text' | 'search';
  /** Names of the buttons of a secret. */
  secret?: { show: string; hide: string } | undefined;
};

export function TextField({
  name,
  value,
  onChange,
  placeholder,
  prefix,
  suffix,
  long = false,
  type = 'text',
  secret,
  ...field
}: TextProps) {
  const [isShown, setShown] = useState(false);
  const isHidden = secret !== undefined && !isShown;
  return (
    <Field {...field}>
      {(ids) => {
        const shared = {
          ...ids,
          name,
          value,
          placeholder,
          spellCheck: false,
          autoCapitalize: 'none',
          autoComplete: secret ? 'new-password' : 'off',
          onChange: (event: { target: { value: string } }) => onChange(event.target.value),
        };
        return (
          <div className="relative flex items-stretch">
            {prefix && <Affix side="left">{prefix}</Affix>}
            {long ? (
              <textarea
                {...shared}
                rows={4}
                className={`${inputClass} py-2 font-mono text-sm ${secret ? 'pr-12' : ''} ${isHidden ? 'masked' : ''}`}
              />
            ) : (
              <input
                {...shared}
                type={isHidden ? 'password' : type}
                className={`${inputClass} h-11 ${secret ? 'pr-12' : ''} ${prefix ? 'rounded-l-none' : ''} ${suffix ? 'rounded-r-none' : ''}`}
              />
            )}
            {suffix && <Affix side="right">{suffix}</Affix>}
            {secret && (
              <IconButton
                label={`${isShown ? secret.hide : secret.show}: ${field.label}`}
                onClick={() => setShown(!isShown)}
                className="absolute top-0.5 right-0.5"
              >
                {isShown ? <EyeOff aria-hidden className="size-4.5" /> : <Eye aria-hidden className="size-4.5" />}
              </IconButton>
            )}
          </div>
        );
      }}
    </Field>
  );
}

function Affix({ side, children }: { side: 'left' | 'right'; children: string }) {
  return (
    <span
      className={`flex max-w-[45%] shrink-0 items-center overflow-hidden border border-edge bg-sunken px-2.5 text-sm text-ellipsis text-muted ${
        side === 'left' ? 'rounded-l-control border-r-0' : 'rounded-r-control border-l-0'
      }`}
    >
      {children}
    </span>
  );
}

type ChoiceProps = FieldProps & {
  name: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [string, string])[];
};

/** The browser's own select: works with every keyboard, phone and screen reader. */
export function ChoiceField({ name, value, onChange, options, ...field }: ChoiceProps) {
  return (
    <Field {...field}>
      {(ids) => (
        <span className="relative block">
          <select
            {...ids}
            name={name}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={`${inputClass} h-11 appearance-none pr-9`}
          >
            {options.map(([option, text]) => (
              <option key={option} value={option}>
                {text}
              </option>
            ))}
          </select>
          <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted" />
        </span>
      )}
    </Field>
  );
}
