/** Connecting one integration: what will happen, the fields to fill in, waiting for the provider, and how it ended. */
import type { Provider } from '@bowline/api/providers';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { type Target, useAttempt } from './attempt.ts';
import { FieldInputs, isComplete } from './field-inputs.tsx';
import { type ConnectField, fieldsOf, startingValues, type Values } from './fields.ts';
import { modeOf } from './modes.ts';
import type { Audience } from './problem.ts';
import { Done, Explanation, Failure, Help, Impossible, Waiting } from './steps.tsx';

type FlowProps = {
  provider: Provider;
  /** What the person knows it as; the provider's name when absent. */
  name?: string;
  /** Whose words are used. */
  audience?: Audience;
  /** What the button says. */
  action?: string;
  /** The connection's configuration by field name, as far as it is decided already: not asked again. */
  preset?: Record<string, string>;
  /** A page that says where the values are found, instead of the provider's own. */
  helpUrl?: string | undefined;
  target: Omit<Target, 'authMode'>;
  /** The id is unknown when only the window could tell that it worked. */
  onConnected: (connectionId: string | undefined) => void;
  onFailed?: (error: unknown) => void;
  /** Shown when it worked: where to go now. Absent: nothing is shown, what is around the flow changes. */
  done?: (connectionId: string | undefined) => ReactNode;
  /** Further inputs above the button, such as who connects. */
  children?: ReactNode;
};

export function ConnectFlow({ provider, name = provider.display_name, audience = 'member', action = 'Connect', ...props }: FlowProps) {
  const { preset, target, onConnected, onFailed } = props;
  const fields = useMemo(() => askedFields(provider, preset), [provider, preset]);
  const [values, setValues] = useState(() => ({ ...startingValues(fields), ...decided(preset) }));
  const [checked, setChecked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { attempt, start, cancel } = useAttempt({ ...target, authMode: provider.auth_mode });
  const hasWaited = useRef(false);
  useEffect(() => {
    if (attempt.step === 'done') onConnected(attempt.connectionId);
    if (attempt.step === 'failed') onFailed?.(attempt.error);
    hasWaited.current = attempt.step === 'waiting';
  }, [attempt, onConnected, onFailed]);

  if (!modeOf(provider.auth_mode)) return <Impossible name={name} audience={audience} />;
  if (attempt.step === 'done') return props.done ? <Done name={name}>{props.done(attempt.connectionId)}</Done> : null;
  if (attempt.step === 'waiting') return <Waiting name={name} closed={attempt.closed} onCancel={cancel} />;
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (isComplete(fields, values)) void start(fields, values);
        else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      }}
    >
      <Explanation provider={provider} name={name} asks={fields.length > 0} />
      <FieldInputs fields={fields} values={values} onChange={setValues} checked={checked} />
      {fields.length > 0 && <Help url={props.helpUrl ?? provider.docs_connect} />}
      {props.children}
      {attempt.step === 'failed' && <Failure error={attempt.error} audience={audience} />}
      <Button
        type="submit"
        tone="solid"
        size="large"
        className="w-full"
        busy={attempt.step === 'sending'}
        // What had the focus while waiting is gone.
        autoFocus={hasWaited.current}
      >
        {action}
      </Button>
    </form>
  );
}

function askedFields(provider: Provider, preset: Record<string, string> = {}): ConnectField[] {
  const mode = modeOf(provider.auth_mode);
  const all =
    mode?.kind === 'form'
      ? fieldsOf({ ...provider, credentials: provider.credentials ?? mode.fields }, ['connection_config', 'credentials'])
      : fieldsOf(provider, ['connection_config']);
  return all.filter(({ group, name }) => group !== 'connection_config' || preset[name] === undefined);
}

/** Other fields may be shown or not by what was decided. */
function decided(preset: Record<string, string> = {}): Values {
  return Object.fromEntries(Object.entries(preset).map(([name, value]) => [`connection_config.${name}`, value]));
}
