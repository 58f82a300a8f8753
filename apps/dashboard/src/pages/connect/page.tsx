/** The page of a connect link: read what the link allows, pick one of several, connect it. */
import { useQuery } from '@tanstack/react-query';
import { Link2, LoaderCircle, Unlink, Unplug, WifiOff } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { ConnectChoice } from './choice.tsx';
import { Pick } from './pick.tsx';
import { Screen } from './screen.tsx';
import { isEnded, readVisit, visitClient } from './visit.ts';

export function ConnectPage({ token }: { token: string | undefined }) {
  return token === undefined ? <Incomplete /> : <Visit token={token} />;
}

function Visit({ token }: { token: string }) {
  const client = useMemo(() => visitClient(token), [token]);
  const { data: visit, error, refetch, isFetching } = useQuery({ queryKey: ['visit'], queryFn: () => readVisit(client) });
  const [picked, setPicked] = useState<string>();
  const [connected, setConnected] = useState<ReadonlySet<string>>(new Set());
  const [hasEnded, setEnded] = useState(false);
  const remember = useCallback((key: string) => setConnected((before) => new Set([...before, key])), []);
  const notice = useCallback((failure: unknown) => isEnded(failure) && setEnded(true), []);

  if (hasEnded || isEnded(error)) return <Expired />;
  if (error) return <Unreachable busy={isFetching} onRetry={() => void refetch()} />;
  if (!visit) return <Opening />;
  const [first, ...others] = visit.choices;
  if (!first) return <Nothing />;
  const choice = others.length === 0 ? first : visit.choices.find(({ integration }) => integration.unique_key === picked);
  if (!choice) return <Pick choices={visit.choices} connected={connected} onPick={setPicked} />;
  return (
    <ConnectChoice
      key={choice.integration.unique_key}
      client={client}
      token={token}
      visit={visit}
      choice={choice}
      onConnected={remember}
      onFailed={notice}
      onBack={others.length > 0 ? () => setPicked(undefined) : undefined}
    />
  );
}

const iconClass = 'size-8 text-faint';

function Opening() {
  return (
    <Screen title="Connect your account" icon={<Link2 aria-hidden className={iconClass} />}>
      <p role="status" className="flex items-center justify-center gap-2 py-6 text-muted">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        One moment
      </p>
    </Screen>
  );
}

function Expired() {
  return (
    <Screen
      title="This link has expired"
      icon={<Unlink aria-hidden className={iconClass} />}
      about="For your safety, links like this one work only for half an hour. Go back to where you got it and start again there: you will get a new one."
    />
  );
}

function Incomplete() {
  return (
    <Screen
      title="This link is not complete"
      icon={<Unlink aria-hidden className={iconClass} />}
      about="A part of it is missing. Go back to where you got it and open it from there, or copy it as a whole."
    />
  );
}

function Nothing() {
  return (
    <Screen
      title="There is nothing to connect"
      icon={<Unplug aria-hidden className={iconClass} />}
      about="Please tell whoever sent you this link: it does not lead to any account that could be connected."
    />
  );
}

function Unreachable({ busy, onRetry }: { busy: boolean; onRetry: () => void }) {
  return (
    <Screen
      title="This page could not be loaded"
      icon={<WifiOff aria-hidden className={iconClass} />}
      about="Check that you are online, then try again. Nothing was connected yet."
    >
      <Button size="large" className="w-full" busy={busy} onClick={onRetry}>
        Try again
      </Button>
    </Screen>
  );
}
