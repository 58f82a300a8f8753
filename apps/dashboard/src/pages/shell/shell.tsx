/** The frame of every page of an environment: sidebar on wide screens, bar at the bottom on phones, keys and the live channel everywhere. */

import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { EnvironmentProvider, rememberEnvironment } from '../../environment.tsx';
import { useLive } from '../../live.ts';
import { sessionQuery } from '../../queries.ts';
import { BottomBar } from './bottom-bar.tsx';
import { Keys } from './keys.tsx';
import { Sidebar } from './sidebar.tsx';
import { Opening, UnknownEnvironment } from './states.tsx';
import { TopBar } from './top-bar.tsx';

export function Shell() {
  const { env } = useParams({ from: '/$env' });
  const { data: session } = useQuery(sessionQuery);
  const known = session?.environments.some((each) => each.name === env) ?? false;
  useEffect(() => {
    if (known) rememberEnvironment(env);
  }, [env, known]);
  if (!session) return <Opening />;
  if (!known) return <UnknownEnvironment name={env} names={session.environments.map((each) => each.name)} />;
  return (
    <EnvironmentProvider env={env} session={session}>
      <Frame env={env} />
    </EnvironmentProvider>
  );
}

function Frame({ env }: { env: string }) {
  const live = useLive(env);
  return (
    <div className="min-h-dvh md:pl-58">
      <a href="#content" className="sr-only z-50 rounded-lg bg-panel px-3 py-2 focus:not-sr-only focus:fixed focus:top-3 focus:left-3">
        Skip to content
      </a>
      <Sidebar live={live} />
      <TopBar />
      <Outlet key={env} />
      <BottomBar />
      <Keys />
    </div>
  );
}
