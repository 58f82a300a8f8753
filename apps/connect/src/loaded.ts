/** Something read from the server while a screen waits for it. */
import { useCallback, useEffect, useState } from 'react';

export type Loaded<T> = { data: T | undefined; error: unknown; isBusy: boolean; retry: () => void };

/** @param load the same function as long as the same thing is meant */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; isBusy: boolean }>({ isBusy: true });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a further attempt reads again
  useEffect(() => {
    let isWanted = true;
    setState((before) => ({ ...before, isBusy: true }));
    load().then(
      (data) => isWanted && setState({ data, isBusy: false }),
      (error: unknown) => isWanted && setState({ error, isBusy: false }),
    );
    return () => {
      isWanted = false;
    };
  }, [load, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { data: state.data, error: state.error, isBusy: state.isBusy, retry };
}
