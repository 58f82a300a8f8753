/** What lets us call the API on the end user's behalf: credentials (masked), who they are, configuration, metadata, tags. */
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { modeName } from '../../auth-modes.ts';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import type { ConnectionDetail } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { Json } from '../../ui/code.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/empty.tsx';
import { Time } from '../../ui/time.tsx';
import { MetadataEditor } from './metadata.tsx';

type Props = { connection: ConnectionDetail };

export function Authorization({ connection }: Props) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex flex-col gap-5">
        <RefreshError connection={connection} />
        <Credentials connection={connection} />
        <MetadataEditor key={JSON.stringify(connection.metadata)} connection={connection} />
        {Object.keys(connection.connection_config).length > 0 && (
          <Card title="Connection configuration" about="What belongs to this account, such as its subdomain.">
            <Json value={connection.connection_config} />
          </Card>
        )}
      </div>
      <div className="flex flex-col gap-5">
        <EndUser connection={connection} />
        <Dates connection={connection} />
        <Remove connection={connection} />
      </div>
    </div>
  );
}

function RefreshError({ connection }: Props) {
  const { env } = useEnvironment();
  const log = connection.errors.find(({ type }) => type === 'auth');
  if (!connection.refresh_error && !log) return null;
  return (
    <Notice title="The credentials could not be refreshed">
      {connection.refresh_error && <p>{connection.refresh_error}</p>}
      <p>
        Ask the end user to connect again, or use Reconnect above.{' '}
        {log && (
          <Link to="/$env/activity/$id" params={{ env, id: log.log_id }} className="font-medium underline">
            See what happened
          </Link>
        )}
      </p>
    </Notice>
  );
}

function Credentials({ connection }: Props) {
  const shown = Object.entries(connection.credentials).filter(([name]) => !['type', 'raw', 'expires_at'].includes(name));
  const facts: [string, ReactNode][] = [
    ['Auth mode', modeName(connection.auth_mode)],
    ...shown.map(([name, value]): [string, ReactNode] => [
      labelOf(name),
      <code key={name} className="text-xs">
        {typeof value === 'string' ? value : JSON.stringify(value)}
      </code>,
    ]),
  ];
  if (connection.expires_at) facts.push(['Expires', <Expiry key="expires" at={connection.expires_at} />]);
  if (connection.last_refreshed_at) facts.push(['Last refreshed', <Time key="refreshed" at={connection.last_refreshed_at} />]);
  return (
    <Card title="Credentials" about="Stored encrypted and shown masked. Your backend reads them through the API, always fresh.">
      <Facts facts={facts} />
    </Card>
  );
}

function Expiry({ at }: { at: string }) {
  const over = Date.parse(at) < Date.now();
  return (
    <span className="inline-flex items-center gap-2">
      <Time at={at} />
      {over && <Badge>refreshed at the next use</Badge>}
    </span>
  );
}

/** `access_token` → `Access token`, `apiKey` → `API key`, `client_id` → `Client ID` */
function labelOf(name: string): string {
  const spaced = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  const words = spaced.replace(/\b(api|id|url|sid)\b/g, (short) => short.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function EndUser({ connection }: Props) {
  const user = connection.end_user ?? {};
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : <span className="text-faint">—</span>);
  return (
    <Card title="End user">
      <Facts
        facts={[
          ['ID', text(user.id)],
          ['Name', text(user.display_name)],
          ['E-mail', text(user.email)],
          ['Tags', <Tags key="tags" tags={connection.tags} />],
        ]}
      />
    </Card>
  );
}

function Tags({ tags }: { tags: Record<string, string> }) {
  const all = Object.entries(tags);
  if (all.length === 0) return <span className="text-faint">—</span>;
  return (
    <span className="flex flex-wrap gap-1.5">
      {all.map(([name, value]) => (
        <Badge key={name} mono long>
          {name}: {value}
        </Badge>
      ))}
    </span>
  );
}

function Dates({ connection }: Props) {
  const facts: [string, ReactNode][] = [
    ['Added', <Time key="created" at={connection.created_at} />],
    ['Last changed', <Time key="updated" at={connection.updated_at} />],
    ['Last used', <Time key="fetched" at={connection.last_fetched_at} none="not yet" />],
  ];
  if (connection.webhook_url_override) facts.push(['Webhook URL', <code key="url">{connection.webhook_url_override}</code>]);
  return (
    <Card title="History">
      <Facts facts={facts} />
    </Card>
  );
}

function Remove({ connection: { connection_id: connectionId, provider_config_key } }: Props) {
  const { env, api } = useEnvironment();
  const navigate = useNavigate();
  const remove = useChange({
    run: () => api.connections.remove({ params: { connectionId }, query: { provider_config_key } }),
    stale: ['connections', 'overview'],
    said: 'The connection was deleted',
    after: () => void navigate({ to: '/$env/connections', params: { env } }),
  });
  const ask = async () => {
    const body = 'Its credentials, syncs and records are deleted with it. This cannot be undone.';
    if (await confirm({ title: 'Delete this connection?', body, action: 'Delete connection', danger: true })) remove.mutate();
  };
  return (
    <Card
      danger
      title="Delete this connection"
      about="Credentials, syncs and records go with it."
      actions={
        <Button tone="danger" busy={remove.isPending} onClick={() => void ask()}>
          Delete connection
        </Button>
      }
    />
  );
}
