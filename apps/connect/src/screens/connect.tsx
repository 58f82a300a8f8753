/** Connecting the one thing that was picked: what will happen, what to enter, waiting for the provider, and how it ended. */
import type { Provider } from '@bowline/api/providers';
import { ShieldCheck } from 'lucide-react';
import { useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { useAttempt } from '../attempt.ts';
import type { Client } from '../client.ts';
import { usePage } from '../context.tsx';
import { detailsOf, isInPlace } from '../failure.ts';
import { ConnectForm } from '../form/form.tsx';
import { type Plan, planOf } from '../form/plan.ts';
import { useLoaded } from '../loaded.ts';
import { Button } from '../ui/button.tsx';
import { HelpLink } from '../ui/help-link.tsx';
import { ServiceLogo } from '../ui/logo.tsx';
import { Details, Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { type Choice, isEnded, type Visit } from '../visit.ts';
import type { Words } from '../words/shape.ts';
import { Expired, Opening, Unreachable } from './ended.tsx';
import { Done, Failed } from './result.tsx';
import { Waiting } from './waiting.tsx';

type ConnectProps = {
  client: Client;
  token: string;
  visit: Visit;
  choice: Choice;
  onConnected: (key: string) => void;
  /** Absent when there is nothing else to choose. */
  onBack: (() => void) | undefined;
};

export function Connect(props: ConnectProps) {
  const { client, choice, visit, onBack } = props;
  const { words } = usePage();
  const load = useCallback(() => client.provider(choice.integration.provider), [client, choice]);
  const { data: provider, error, isBusy, retry } = useLoaded(load);
  const plan = useMemo(
    () => provider && planOf(provider, choice, { words, isReconnecting: visit.isReconnecting }),
    [provider, choice, words, visit],
  );
  if (isEnded(error)) return <Expired />;
  if (error) return <Unreachable isBusy={isBusy} onRetry={retry} />;
  if (!provider) return <Opening />;
  if (!plan) return <Impossible name={choice.integration.display_name} onBack={onBack} />;
  return <Attempting {...props} provider={provider} plan={plan} />;
}

function Attempting({ token, visit, choice, onConnected, onBack, provider, plan }: ConnectProps & { provider: Provider; plan: Plan }) {
  const { words, place, embedder, setDirty } = usePage();
  const { unique_key: key, display_name: name } = choice.integration;
  const [values, setValues] = useState(plan.values);
  const { attempt, start, cancel, dismiss } = useAttempt({
    apiUrl: place.apiUrl,
    token,
    socketPath: visit.socketPath,
    key,
    authMode: provider.auth_mode,
    detectClosedAuthWindow: place.detectClosedAuthWindow,
    onDone: ({ connectionId, isPending }) => {
      onConnected(key);
      embedder.tell({ type: 'connect', payload: { providerConfigKey: key, connectionId, isPending } });
    },
    onFailed: ({ type, message }) => embedder.tell({ type: 'error', payload: { errorType: type, errorMessage: message } }),
  });
  const isDirty =
    attempt.step !== 'done' &&
    plan.fields.some(({ group, name }) => (values[`${group}.${name}`] ?? '') !== (plan.values[`${group}.${name}`] ?? ''));
  useLayoutEffect(() => {
    setDirty(isDirty);
    return () => setDirty(false);
  }, [isDirty, setDirty]);

  if (attempt.step === 'done')
    return <Done name={name} isReconnecting={visit.isReconnecting} isPending={attempt.isPending} onAnother={onBack} />;
  if (attempt.step === 'waiting')
    return <Waiting name={name} windowGone={attempt.windowGone} onOpenAgain={() => void start(plan, values)} onCancel={cancel} />;
  const failure = attempt.step === 'idle' ? attempt.failure : undefined;
  if (failure && !isInPlace(failure)) return <Failed failure={failure} onRetry={dismiss} />;
  const helpUrl = choice.helpUrl ?? provider.docs_connect;
  return (
    <Screen
      title={visit.isReconnecting ? words.title.reconnect(name) : words.title.connect(name)}
      icon={<ServiceLogo name={name} src={choice.integration.logo} size="large" />}
      about={<About name={name} visit={visit} />}
      onBack={onBack}
    >
      <div className="flex flex-col gap-4">
        {failure && failure.kind !== 'expired' && (
          <Notice title={words.failure[failure.kind].title}>
            <p>{words.failure[failure.kind].advice}</p>
            <Details label={words.action.details} text={detailsOf(failure)} />
          </Notice>
        )}
        {plan.isMisset && (
          <Notice title={words.failure.misconfigured.title}>
            <p>{words.about.misset}</p>
          </Notice>
        )}
        <p className="flex gap-2.5 rounded-control bg-sunken px-3.5 py-3 text-muted">
          <ShieldCheck aria-hidden className="mt-0.5 size-4.5 shrink-0 text-accent" />
          <span className="min-w-0">{whatHappens(words, plan, name)}</span>
        </p>
        <HelpLink url={helpUrl} text={words.action.help(name)} newTab={words.action.newTab} />
        <ConnectForm
          plan={plan}
          values={values}
          onChange={setValues}
          onSubmit={() => !place.preview && void start(plan, values)}
          isBusy={attempt.step === 'sending'}
          refused={failure?.fields ?? {}}
          action={visit.isReconnecting ? words.action.reconnect : words.action.connect}
          help={{ url: helpUrl, hasSections: choice.helpUrl === undefined }}
        />
      </div>
    </Screen>
  );
}

function whatHappens({ about }: Words, plan: Plan, name: string): string {
  const asks = plan.fields.some(({ hidden }) => !hidden);
  if (plan.isOutbound) return about.install(name);
  if (plan.how === 'popup') return asks ? about.popupAfterForm(name) : about.popup(name);
  if (!asks) return about.nothingToEnter(name);
  return plan.isChecked ? about.checked(name) : about.stored;
}

function About({ name, visit: { who, isReconnecting } }: { name: string; visit: Visit }) {
  const { words } = usePage();
  return (
    <>
      {isReconnecting && <p>{words.about.reconnect(name)}</p>}
      {who && (
        <p>
          {words.about.who} <span className="font-medium text-ink">{who}</span>
        </p>
      )}
    </>
  );
}

function Impossible({ name, onBack }: { name: string; onBack: (() => void) | undefined }) {
  const { words } = usePage();
  return (
    <Screen
      title={words.title.impossible(name)}
      icon={<ServiceLogo name={name} src="" size="large" />}
      about={<p role="alert">{words.about.impossible}</p>}
      onBack={onBack}
    >
      {onBack && (
        <Button className="w-full" onClick={onBack}>
          {words.action.back}
        </Button>
      )}
    </Screen>
  );
}
