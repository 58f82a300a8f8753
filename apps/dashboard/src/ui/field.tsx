/** Form fields with label, help and error, tied together for screen readers. Secrets can be shown. */
import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './class-names.ts';

export const inputClass =
  'w-full min-w-0 rounded-lg border border-line-strong/80 bg-panel px-2.5 text-sm text-ink shadow-soft transition-colors hover:border-line-strong disabled:bg-sunken disabled:text-muted aria-invalid:border-bad';

type FieldProps = { label: ReactNode; help?: ReactNode; error?: string | undefined; optional?: boolean };
type Ids = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true };

export function Field({ label, help, error, optional = false, children }: FieldProps & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const described = error || help ? { 'aria-describedby': `${id}-note` } : {};
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="flex items-baseline justify-between gap-3 font-medium">
        <span>{label}</span>
        {optional && <span className="text-2xs font-normal text-faint">Optional</span>}
      </label>
      {children({ id, ...described, ...(error ? { 'aria-invalid': true } : {}) })}
      {(error || help) && (
        <p id={`${id}-note`} className={cx('text-xs', error ? 'text-bad' : 'text-muted')}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = FieldProps &
  Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'prefix'> & {
    value: string;
    onChange: (value: string) => void;
    secret?: boolean;
    mono?: boolean;
    prefix?: string | undefined;
    suffix?: string | undefined;
  };

export function TextField({
  label,
  help,
  error,
  optional,
  value,
  onChange,
  secret = false,
  mono,
  prefix,
  suffix,
  ...rest
}: TextFieldProps) {
  const [shown, setShown] = useState(false);
  const flags = optional ? { optional } : {};
  return (
    <Field label={label} help={help} error={error} {...flags}>
      {(ids) => (
        <div className="relative flex items-stretch">
          {prefix && <Affix side="left">{prefix}</Affix>}
          <input
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...ids}
            type={secret && !shown ? 'password' : (rest.type ?? 'text')}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cx(
              inputClass,
              'h-9',
              (mono || secret) && 'font-mono text-xs',
              prefix && 'rounded-l-none',
              suffix && 'rounded-r-none',
              secret && 'pr-9',
            )}
          />
          {suffix && <Affix side="right">{suffix}</Affix>}
          {secret && (
            <IconButton label={shown ? 'Hide' : 'Show'} onClick={() => setShown(!shown)} className="absolute inset-y-0 right-1 my-auto">
              {shown ? <EyeOff aria-hidden className="size-3.5" /> : <Eye aria-hidden className="size-3.5" />}
            </IconButton>
          )}
        </div>
      )}
    </Field>
  );
}

type SecretLinesFieldProps = FieldProps & { value: string; onChange: (value: string) => void; placeholder?: string | undefined };

/** A secret of many lines, such as a PEM: an input for passwords would lose its line breaks. */
export function SecretLinesField({ label, help, error, optional = false, value, onChange, placeholder }: SecretLinesFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} help={help} error={error} optional={optional}>
      {(ids) => (
        <div className="relative flex">
          <textarea
            autoComplete="off"
            spellCheck={false}
            rows={5}
            {...ids}
            placeholder={placeholder}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cx(inputClass, 'resize-y py-2 pr-9 font-mono text-xs leading-5', !shown && value && '[-webkit-text-security:disc]')}
          />
          <IconButton label={shown ? 'Hide' : 'Show'} onClick={() => setShown(!shown)} className="absolute top-1 right-1">
            {shown ? <EyeOff aria-hidden className="size-3.5" /> : <Eye aria-hidden className="size-3.5" />}
          </IconButton>
        </div>
      )}
    </Field>
  );
}

function Affix({ side, children }: { side: 'left' | 'right'; children: string }) {
  return (
    <span
      className={cx(
        'flex shrink-0 items-center border border-line-strong/80 bg-sunken px-2.5 font-mono text-xs text-muted',
        side === 'left' ? 'rounded-l-lg border-r-0' : 'rounded-r-lg border-l-0',
      )}
    >
      {children}
    </span>
  );
}

type SelectFieldProps = FieldProps & { value: string; onChange: (value: string) => void; options: readonly (readonly [string, string])[] };

export function SelectField({ label, help, error, value, onChange, options }: SelectFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(ids) => <Select {...ids} value={value} onChange={onChange} options={options} className="h-9" />}
    </Field>
  );
}

type SelectProps = Omit<ComponentProps<'select'>, 'onChange' | 'value'> & Pick<SelectFieldProps, 'value' | 'onChange' | 'options'>;

/** The browser's own select: works with every keyboard, phone and screen reader. */
export function Select({ value, onChange, options, className, ...rest }: SelectProps) {
  return (
    <span className={cx('relative block h-8', className)}>
      <select
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={cx(inputClass, 'size-full appearance-none pr-8')}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 right-2.5 size-3.5 -translate-y-1/2 text-faint" />
    </span>
  );
}
