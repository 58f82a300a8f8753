/** The form of a plan: its fields, where each value is found, and what is wrong with what was typed once somebody tried to send it. */
import { type FormField, fieldId, isComplete, isShown, refusal, type Values } from '@bowline/api/form';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { usePage } from '../context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { ChoiceField, Field, TextField } from '../ui/field.tsx';
import { HelpLink } from '../ui/help-link.tsx';
import type { Words } from '../words/shape.ts';
import type { Plan } from './plan.ts';

type FormProps = {
  plan: Plan;
  values: Values;
  onChange: (values: Values) => void;
  onSubmit: () => void;
  isBusy: boolean;
  /** By the server, by field name, as long as the value is the one that was sent. */
  refused: Record<string, string>;
  action: string;
  /** The page that explains how to connect; the sections of the catalogue are those of the provider's own. */
  help: { url: string | undefined; hasSections: boolean };
  children?: ReactNode;
};

export function ConnectForm({ plan, values, onChange, onSubmit, isBusy, refused, action, help, children }: FormProps) {
  const { words } = usePage();
  const [isTried, setTried] = useState(false);
  const [sent, setSent] = useState(values); // shown again after a window, it was sent
  const form = useRef<HTMLFormElement>(null);
  const send = () => {
    setTried(true);
    if (isComplete(plan.fields, values)) {
      setSent(values);
      return onSubmit();
    }
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
  };
  const stillRefused = (field: FormField) => (sent[fieldId(field)] === values[fieldId(field)] ? refused[field.name] : undefined);
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!plan.isMisset) send();
      }}
    >
      {plan.externalId !== undefined && <ExternalId value={plan.externalId} />}
      {plan.fields
        .filter((field) => isShown(field, values))
        .map((field) => (
          <PlanField
            key={fieldId(field)}
            field={field}
            value={values[fieldId(field)] ?? ''}
            onChange={(next) => onChange({ ...values, [fieldId(field)]: next })}
            error={(isTried ? refusalWords(words, field, values[fieldId(field)] ?? '') : undefined) ?? stillRefused(field)}
            docs={help.hasSections ? help.url : undefined}
          />
        ))}
      {children}
      <Button type="submit" tone="solid" className="w-full" busy={isBusy} disabled={plan.isMisset}>
        {action}
      </Button>
    </form>
  );
}

type PlanFieldProps = {
  field: FormField;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  docs: string | undefined;
};

function PlanField({ field, value, onChange, error, docs }: PlanFieldProps) {
  const { words } = usePage();
  const label = field.title || field.name;
  const link =
    docs && field.doc_section ? (
      <HelpLink url={docs + field.doc_section} text={words.action.where} about={label} newTab={words.action.newTab} />
    ) : undefined;
  const shared = {
    name: fieldId(field),
    label,
    optional: field.optional ? words.label.optional : undefined,
    help: field.description || undefined,
    link,
    error,
    value,
    onChange,
  };
  if (field.enum) {
    const options = field.enum.map((option) => [option, option] as const);
    return <ChoiceField {...shared} options={field.optional ? [['', words.label.choose] as const, ...options] : options} />;
  }
  return (
    <TextField
      {...shared}
      placeholder={field.example}
      prefix={field.prefix}
      suffix={field.suffix}
      long={isLong(field)}
      secret={field.secret ? words.action : undefined}
    />
  );
}

/** Keys and certificates have lines, which an input of one line would take away. */
function isLong({ name }: FormField): boolean {
  return /(private_?key|certificate|\bcert|pem)$/i.test(name);
}

function refusalWords({ refusal: say }: Words, field: FormField, value: string): string | undefined {
  const kind = refusal(field, value);
  if (!kind) return undefined;
  const words = say[kind](field.title || field.name);
  return kind === 'pattern' && field.example ? `${words}. ${say.like(field.example)}` : words;
}

/** Made here, entered at the provider: to be copied. */
function ExternalId({ value }: { value: string }) {
  const { words } = usePage();
  const [isCopied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    input.current?.select();
    // Plain http, and frames without the permission, have no clipboard; then what is selected can be copied by hand.
    await navigator.clipboard?.writeText(value).then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <Field label={words.field.external_id} optional=" " help={words.hint.externalId}>
      {(ids) => (
        <div className="relative">
          <input
            {...ids}
            ref={input}
            readOnly
            value={value}
            className="h-11 w-full rounded-control border border-edge bg-sunken pr-12 pl-3 font-mono text-sm"
          />
          <IconButton
            label={`${isCopied ? words.action.copied : words.action.copy}: ${words.field.external_id}`}
            onClick={() => void copy()}
            className="absolute top-0.5 right-0.5"
          >
            {isCopied ? <Check aria-hidden className="size-4.5 text-good" /> : <Copy aria-hidden className="size-4.5" />}
          </IconButton>
          <span role="status" className="sr-only">
            {isCopied ? words.action.copied : ''}
          </span>
        </div>
      )}
    </Field>
  );
}
