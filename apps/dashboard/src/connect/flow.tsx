/** Connecting one integration: what will happen, the fields to fill in, waiting for the provider, and how it ended. */
import type { Provider } from '@bowline/api/providers';
import { CircleCheck, LoaderCircle, ShieldCheck } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/empty.tsx';
import { type Attempt, type Target, useAttempt } from './attempt.ts';
import { FieldInputs, isComplete } from './field-inputs.tsx';
import { type ConnectField, fieldsOf, startingValues } from './fields.ts';
import { modeOf } from './modes.ts';
import { explain } from './problem.ts';

type FlowProps = {
  provider: Provider;
  target: Omit<Target, 'authMode'>;
  onConnected: (connectionId: string) => void;
  /** Shown when it worked: where to go now. */
  done: (connectionId: string) => ReactNode;
  /** Further inputs above the button, such as who connects. */
  children?: ReactNode;
};

export function ConnectFlow({ provider, target, onConnected, done, children }: FlowProps) {
  const fields = useMemo(() => askedFields(provider), [provider]);
  const [values, setValues] = useState(() => startingValues(fields));
  const [checked, setChecked] = useState(false);
  const { attempt, start, cancel } = useAttempt({ ...target, authMode: provider.auth_mode });
  const connectionId = attempt.step === 'done' ? attempt.connectionId : undefined;
  useEffect(() => {
    if (connectionId !== undefined) onConnected(connectionId);
  }, [connectionId, onConnected]);

  if (!modeOf(provider.auth_mode)) {
    return (
      <Notice tone="plain" title={`${provider.display_name} cannot be connected in a browser yet`}>
        Import the connection with its credentials through the API: POST /connections.
      </Notice>
    );
  }
  if (connectionId !== undefined) return <Done name={provider.display_name}>{done(connectionId)}</Done>;
  if (attempt.step === 'waiting') return <Waiting name={provider.display_name} closed={attempt.closed} onCancel={cancel} />;
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (isComplete(fields, values)) void start(fields, values);
      }}
    >
      <Explanation provider={provider} />
      <FieldInputs fields={fields} values={values} onChange={setValues} checked={checked} />
      {children}
      <Failure attempt={attempt} />
      <Button type="submit" tone="solid" size="large" className="w-full" busy={attempt.step === 'sending'}>
        Connect
      </Button>
    </form>
  );
}

function askedFields(provider: Provider): ConnectField[] {
  const mode = modeOf(provider.auth_mode);
  if (mode?.kind !== 'form') return fieldsOf(provider, ['connection_config']);
  return fieldsOf({ ...provider, credentials: provider.credentials ?? mode.fields }, ['connection_config', 'credentials']);
}

function Explanation({ provider }: { provider: Provider }) {
  const inWindow = modeOf(provider.auth_mode)?.kind === 'window';
  return (
    <p className="flex gap-2.5 rounded-lg bg-sunken px-3 py-2.5 text-muted">
      <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      {inWindow
        ? `A window of ${provider.display_name} opens. Sign in there and allow access; the window closes by itself.`
        : `What you enter is checked with ${provider.display_name}, then stored encrypted.`}
    </p>
  );
}

function Failure({ attempt }: { attempt: Attempt }) {
  if (attempt.step !== 'failed') return null;
  const { title, advice, detail } = explain(attempt.error);
  return (
    <Notice title={title}>
      {detail && detail !== title && <p>{detail}</p>}
      <p>{advice}</p>
    </Notice>
  );
}

function Waiting({ name, closed, onCancel }: { name: string; closed: boolean; onCancel: () => void }) {
  return (
    <div className="flex flex-col items-center py-6 text-center">
      <LoaderCircle aria-hidden className="mb-3 size-6 animate-spin text-accent" />
      <p role="status" className="text-base font-semibold">
        {closed ? 'The window seems to be closed' : `Waiting for ${name}`}
      </p>
      <p className="mt-1 max-w-xs text-muted">
        {closed
          ? 'If you are still at it, go on: this page will notice. Otherwise start again.'
          : 'Finish the steps in the window that opened.'}
      </p>
      <Button className="mt-4" onClick={onCancel}>
        {closed ? 'Start again' : 'Cancel'}
      </Button>
    </div>
  );
}

function Done({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center py-6 text-center">
      <CircleCheck aria-hidden className="mb-3 size-8 text-good" />
      <p role="status" className="text-base font-semibold">
        {name} is connected
      </p>
      <div className="mt-1 w-full text-muted">{children}</div>
    </div>
  );
}
