/** Opens the Connect UI over the dashboard, as an app of a customer would: in a frame, with a session of its own. */
import { Bowline } from '@bowline/browser';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useEnvironment } from './environment.tsx';
import { useTheme } from './theme.ts';

export type Connected = { key: string; connectionId: string };
type Opened = { token: string; onConnected: (connection: Connected) => void };

/** @returns how to open it; `onConnected` is called when the person leaves it after connecting */
export function useConnectUi(): (opened: Opened) => void {
  const { env } = useEnvironment();
  const [themeOverride] = useTheme();
  const queryClient = useQueryClient();
  return useCallback(
    ({ token, onConnected }) => {
      let made: Connected | undefined;
      const client = new Bowline({ host: location.origin, connectSessionToken: token });
      const ui = client.openConnectUI({
        lang: 'en',
        themeOverride,
        onEvent: (event) => {
          if (event.type === 'connect') {
            made = { key: event.payload.providerConfigKey, connectionId: event.payload.connectionId };
            for (const topic of ['connections', 'syncs', 'operations', 'overview'])
              void queryClient.invalidateQueries({ queryKey: [env, topic] });
          }
          if (event.type !== 'close') return;
          removeEventListener('popstate', leave);
          if (made) onConnected(made);
        },
      });
      // The page below it changes with the browser's back button; it must not stay over another one.
      const leave = () => ui.close();
      addEventListener('popstate', leave, { once: true });
    },
    [env, themeOverride, queryClient],
  );
}
