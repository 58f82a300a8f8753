/** Connects one integration from the dashboard: the member's address is the end user, with a name of their choice. */
import type { Integration } from '@bowline/api/integrations';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { ConnectFlow } from '../../connect/flow.tsx';
import { useEnvironment } from '../../environment.tsx';
import { providerQuery } from '../../queries.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Failed } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

type Props = { integration: Pick<Integration, 'unique_key' | 'provider'>; onClose: () => void; repair?: string };

/** `repair`: the id of the connection that is connected again, instead of a new one. */
export function ConnectIntegration({ integration, onClose, repair }: Props) {
  const { env, api, session } = useEnvironment();
  const queryClient = useQueryClient();
  const key = integration.unique_key;
  const { data: provider, error, refetch } = useQuery(providerQuery(env, integration.provider));
  const [endUser, setEndUser] = useState(session.member.email);
  const [name, setName] = useState('');
  const refresh = useCallback(() => {
    for (const topic of ['connections', 'syncs', 'operations', 'overview']) void queryClient.invalidateQueries({ queryKey: [env, topic] });
  }, [env, queryClient]);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!provider) return <Skeleton className="h-40 w-full" />;

  const newToken = () => {
    const email = /^\S+@\S+\.\S+$/.test(endUser) ? { email: endUser } : {};
    const end_user = { id: endUser, ...email, ...(name ? { display_name: name } : {}) };
    return api.connect.createSession({ query: {}, body: { end_user, allowed_integrations: [key] } });
  };
  const repairToken = (connection_id: string) => api.connect.reconnectSession({ query: {}, body: { connection_id, integration_id: key } });
  const makeToken = async () => (await (repair === undefined ? newToken() : repairToken(repair))).data.token;
  const own = async () => (await api.connections.list({ query: { endUserId: endUser, integrationId: key, limit: 100 } })).connections;
  const changed = async (id: string) =>
    (await api.dashboard.connection({ params: { connectionId: id }, query: { provider_config_key: key } })).updated_at;
  const watch = async () => {
    if (repair !== undefined) {
      const before = await changed(repair);
      return async () => ((await changed(repair)) === before ? undefined : repair);
    }
    const before = new Set((await own()).map(({ id }) => id));
    return async () => (await own()).find(({ id }) => !before.has(id))?.connection_id;
  };
  return (
    <ConnectFlow
      provider={provider}
      target={{ baseUrl: location.origin, client: api.connect, key, makeToken, watch }}
      onConnected={refresh}
      done={(connectionId) =>
        repair === undefined ? (
          <Connected env={env} integrationKey={key} connectionId={connectionId} onClose={onClose} />
        ) : (
          <Repaired onClose={onClose} />
        )
      }
      action={repair === undefined ? 'Connect' : 'Reconnect'}
    >
      {repair === undefined && <WhoConnects endUser={endUser} onEndUser={setEndUser} name={name} onName={setName} />}
    </ConnectFlow>
  );
}

type WhoProps = { endUser: string; onEndUser: (id: string) => void; name: string; onName: (name: string) => void };

function WhoConnects({ endUser, onEndUser, name, onName }: WhoProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label="End user ID" value={endUser} onChange={onEndUser} error={endUser ? undefined : 'An ID is needed'} />
      <TextField label="Display name" optional placeholder="Ada Lovelace" value={name} onChange={onName} />
    </div>
  );
}

type ConnectedProps = { env: string; integrationKey: string; connectionId: string | undefined; onClose: () => void };

function Connected({ env, integrationKey, connectionId, onClose }: ConnectedProps) {
  return (
    <>
      <p>Its syncs start by themselves.</p>
      {connectionId !== undefined && (
        <Link
          to="/$env/connections/$key/$connectionId"
          params={{ env, key: integrationKey, connectionId }}
          search={{ tab: 'syncs' }}
          onClick={onClose}
          className={`mt-5 ${buttonClass('solid')}`}
        >
          View connection
        </Link>
      )}
    </>
  );
}

function Repaired({ onClose }: { onClose: () => void }) {
  return (
    <>
      <p>Its syncs go on with the new credentials.</p>
      <Button tone="solid" className="mt-5" onClick={onClose}>
        Close
      </Button>
    </>
  );
}
