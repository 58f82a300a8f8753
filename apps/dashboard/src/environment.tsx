/** The environment whose pages are shown, the member who looks at it and the client bound to it. */
import type { Session } from '@bowline/api/dashboard';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { type Api, apiOf } from './client.ts';

type Place = { env: string; api: Api; session: Session };
const Context = createContext<Place | undefined>(undefined);

export function EnvironmentProvider({ env, session, children }: { env: string; session: Session; children: ReactNode }) {
  const place = useMemo(() => ({ env, session, api: apiOf(env) }), [env, session]);
  return <Context value={place}>{children}</Context>;
}

export function useEnvironment(): Place {
  const place = useContext(Context);
  if (!place) throw new Error('useEnvironment needs an EnvironmentProvider above it');
  return place;
}

const KEPT = 'bowline-environment';
export function rememberEnvironment(env: string): void {
  try {
    localStorage.setItem(KEPT, env);
  } catch {
    // Private windows may refuse storage; then the first environment opens.
  }
}
export function rememberedEnvironment(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
