/** Connects one integration from the dashboard: the member's address is the end user, with a name of their choice. */
import type { Integration } from '@bowline/api/integrations';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useConnectUi } from '../../connect-ui.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { toast } from '../../ui/toast.tsx';

type Props = { integration: Integration; onClose: () => void };

export function ConnectIntegration({ integration: { unique_key: key, display_name: shown }, onClose }: Props) {
  const { env, api, session } = useEnvironment();
  const navigate = useNavigate();
  const open = useConnectUi();
  const [endUser, setEndUser] = useState(session.member.email);
  const [name, setName] = useState('');
  const begin = useChange({
    run: () => {
      const email = /^\S+@\S+\.\S+$/.test(endUser) ? { email: endUser } : {};
      const end_user = { id: endUser, ...email, ...(name ? { display_name: name } : {}) };
      return api.connect.createSession({ query: {}, body: { end_user, allowed_integrations: [key] } });
    },
    stale: [],
    after: ({ data: { token } }) => {
      onClose(); // its focus trap would keep the frame from being used
      open({
        token,
        onConnected: (made) => {
          toast.good(`${shown} is connected. Its syncs start by themselves.`);
          void navigate({ to: '/$env/connections/$key/$connectionId', params: { env, ...made }, search: { tab: 'syncs' } });
        },
      });
    },
  });
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (endUser) begin.mutate();
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="End user ID" value={endUser} onChange={setEndUser} error={endUser ? undefined : 'An ID is needed'} />
        <TextField label="Display name" optional placeholder="Ada Lovelace" value={name} onChange={setName} />
      </div>
      <Button type="submit" tone="solid" size="large" className="w-full" busy={begin.isPending}>
        Go on
      </Button>
    </form>
  );
}

/** Gives a connection new credentials; syncs and records stay. */
export function Reconnect({ of: { key, connectionId }, isBroken }: { of: { key: string; connectionId: string }; isBroken: boolean }) {
  const { api } = useEnvironment();
  const open = useConnectUi();
  const begin = useChange({
    run: () => api.connect.reconnectSession({ query: {}, body: { connection_id: connectionId, integration_id: key } }),
    stale: [],
    after: ({ data: { token } }) =>
      open({ token, onConnected: () => toast.good('It is connected again. Its syncs go on with the new credentials.') }),
  });
  return (
    <Button tone={isBroken ? 'solid' : 'outline'} busy={begin.isPending} onClick={() => begin.mutate()}>
      Reconnect
    </Button>
  );
}
