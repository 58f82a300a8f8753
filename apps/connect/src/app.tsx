/** The page as a whole: waits for its token, reads what it allows, and shows the screen that is due. */
import { type Appearance, defaultAppearance } from '@bowline/api/appearance';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Client, createClient } from './client.ts';
import { type Page, PageProvider } from './context.tsx';
import type { Embedder } from './embedder.ts';
import { useLoaded } from './loaded.ts';
import { showLook } from './look.ts';
import type { Place } from './place.ts';
import { sampleClient } from './samples.ts';
import { Connect } from './screens/connect.tsx';
import { Expired, Incomplete, NothingToConnect, Opening, Unreachable } from './screens/ended.tsx';
import { Leave } from './screens/leave.tsx';
import { Pick } from './screens/pick.tsx';
import { Shell } from './shell.tsx';
import { HEADING_ID } from './ui/screen.tsx';
import { isEnded, readVisit } from './visit.ts';
import type { Words } from './words/shape.ts';

export type AppProps = { place: Place; embedder: Embedder; token: string | undefined; words: Words; lang: string };

/** An editor says itself how its preview looks. */
const ignore = () => {};
/** What a page that frames this one may take to make a session. */
const PATIENCE_MS = 10_000;

export function App({ place, embedder, token: first, words, lang }: AppProps) {
  const [token, setToken] = useState(first);
  const [appearance, setAppearance] = useState<Appearance>();
  const dirty = useRef(false); // read when a key arrives: state would still be the old one for a render after the last keystroke
  const setDirty = useCallback((isDirty: boolean) => {
    dirty.current = isDirty;
  }, []);
  const [isLeaving, setLeaving] = useState(false);
  useEffect(() => {
    const stop = embedder.listen({ onToken: setToken, onSettings: setAppearance });
    embedder.tell({ type: 'ready' });
    return stop;
  }, [embedder]);
  useEffect(() => showLook(appearance ?? defaultAppearance, place.theme), [appearance, place]);
  const leave = useCallback(() => {
    setLeaving(false);
    if (!place.preview) embedder.tell({ type: 'close' });
  }, [embedder, place]);
  const close = useCallback(() => (dirty.current ? setLeaving(true) : leave()), [leave]);
  const page: Page = useMemo(
    () => ({
      words,
      lang,
      place,
      embedder,
      appearance: appearance ?? defaultAppearance,
      close: place.framed ? close : undefined,
      setDirty,
    }),
    [words, lang, place, embedder, appearance, close, setDirty],
  );
  const client = useMemo(
    () => (place.preview ? sampleClient() : token === undefined ? undefined : createClient(place.apiUrl, token, lang)),
    [place, token, lang],
  );
  return (
    <PageProvider value={page}>
      <Shell place={place} labelledBy={HEADING_ID} onClose={page.close}>
        {client ? (
          <VisitScreens key={token} client={client} token={token ?? ''} onAppearance={place.preview ? ignore : setAppearance} />
        ) : (
          <WithoutToken patience={place.framed ? PATIENCE_MS : 0} />
        )}
      </Shell>
      {isLeaving && <Leave onStay={() => setLeaving(false)} onLeave={leave} />}
    </PageProvider>
  );
}

function WithoutToken({ patience }: { patience: number }) {
  const [isLost, setLost] = useState(patience === 0);
  useEffect(() => {
    const timer = setTimeout(() => setLost(true), patience);
    return () => clearTimeout(timer);
  }, [patience]);
  return isLost ? <Incomplete /> : <Opening />;
}

type VisitProps = { client: Client; token: string; onAppearance: (appearance: Appearance) => void };

function VisitScreens({ client, token, onAppearance }: VisitProps) {
  const load = useCallback(() => readVisit(client), [client]);
  const { data: visit, error, isBusy, retry } = useLoaded(load);
  const [picked, setPicked] = useState<string>();
  const [connected, setConnected] = useState<ReadonlySet<string>>(new Set());
  const remember = useCallback((key: string) => setConnected((before) => new Set([...before, key])), []);
  useEffect(() => {
    if (visit) onAppearance(visit.appearance);
  }, [visit, onAppearance]);

  if (isEnded(error)) return <Expired />;
  if (error) return <Unreachable isBusy={isBusy} onRetry={retry} />;
  if (!visit) return <Opening />;
  const [only, ...others] = visit.choices;
  if (!only) return <NothingToConnect />;
  const choice = others.length === 0 ? only : visit.choices.find(({ integration }) => integration.unique_key === picked);
  if (!choice) return <Pick choices={visit.choices} connected={connected} onPick={setPicked} />;
  return (
    <Connect
      key={choice.integration.unique_key}
      client={client}
      token={token}
      visit={visit}
      choice={choice}
      onConnected={remember}
      onBack={others.length > 0 ? () => setPicked(undefined) : undefined}
    />
  );
}
