/** Connecting the one thing that was picked, as its owner: from what will happen to "you can close this tab". */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { ConnectFlow } from '../../connect/flow.tsx';
import { Button } from '../../ui/button.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Screen } from './screen.tsx';
import type { Choice, Visit, VisitClient } from './visit.ts';

type ChoiceProps = {
  client: VisitClient;
  token: string;
  visit: Visit;
  choice: Choice;
  onConnected: (key: string) => void;
  onFailed: (error: unknown) => void;
  /** Absent when there is nothing else to choose. */
  onBack: (() => void) | undefined;
};

export function ConnectChoice({ client, token, visit, choice, onConnected, onFailed, onBack }: ChoiceProps) {
  const { unique_key: key, provider: providerName, display_name: name, logo } = choice.integration;
  const {
    data: provider,
    isError,
    refetch,
    isFetching,
  } = useQuery({
    queryKey: ['provider', providerName],
    queryFn: async () => (await client.providers.get({ params: { provider: providerName }, query: {} })).data,
  });
  const [isConnected, setConnected] = useState(false);
  const remember = useCallback(() => {
    setConnected(true);
    onConnected(key);
  }, [onConnected, key]);
  const logoIcon = <ProviderLogo name={name} src={logo} size="large" />;

  if (isConnected) return <Connected name={name} visit={visit} onBack={onBack} />;
  return (
    <Screen
      title={visit.isReconnecting ? `Reconnect ${name}` : `Connect ${name}`}
      icon={logoIcon}
      about={<About name={name} visit={visit} />}
      onBack={onBack}
    >
      {provider ? (
        <ConnectFlow
          audience="endUser"
          provider={provider}
          name={name}
          action={visit.isReconnecting ? 'Reconnect' : 'Connect'}
          preset={choice.preset}
          helpUrl={choice.helpUrl}
          target={{ baseUrl: location.origin, socketPath: visit.socketPath, client: client.connect, key, makeToken: async () => token }}
          onConnected={remember}
          onFailed={onFailed}
        />
      ) : isError ? (
        <Button size="large" className="w-full" busy={isFetching} onClick={() => void refetch()}>
          This did not load. Try again
        </Button>
      ) : (
        <Skeleton className="h-32 w-full" />
      )}
    </Screen>
  );
}

function About({ name, visit: { who, isReconnecting } }: { name: string; visit: Visit }) {
  return (
    <>
      {isReconnecting && <p>{`Access to your ${name} account has to be renewed. Use the same account as before.`}</p>}
      {who && (
        <p>
          For <span className="font-medium text-ink">{who}</span>
        </p>
      )}
    </>
  );
}

function Connected({ name, visit, onBack }: { name: string; visit: Visit; onBack: (() => void) | undefined }) {
  return (
    <Screen
      title={visit.isReconnecting ? `${name} is connected again` : `${name} is connected`}
      icon={<CircleCheck aria-hidden className="size-11 text-good" />}
      about="That is all. You can close this tab."
    >
      {onBack && (
        <Button size="large" className="w-full" onClick={onBack}>
          Connect something else
        </Button>
      )}
    </Screen>
  );
}
