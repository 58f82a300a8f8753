/** What the provider was asked to send, for each connection; nothing where we cannot ask. */
import type { Subscription } from '@bowline/api/subscriptions';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { type IntegrationDetail, subscriptionsQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { SwitchRow } from '../../ui/switch.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

const states: Record<Subscription['state'], [tone: BadgeTone, words: string]> = {
  asking: ['accent', 'Asking'],
  failing: ['bad', 'Refused'],
  active: ['good', 'Active'],
  leaving: ['plain', 'Ending'],
};

export function Subscriptions({ integration }: { integration: IntegrationDetail }) {
  const { env, api } = useEnvironment();
  const { data } = useQuery(subscriptionsQuery(env, integration.unique_key));
  const manage = useChange({
    run: (manage_subscriptions: boolean) =>
      api.integrations.update({ params: { uniqueKey: integration.unique_key }, query: {}, body: { manage_subscriptions } }),
    stale: ['integrations'],
    said: (_, on) => (on ? 'The provider is asked for webhooks of each connection' : 'The provider is told to stop'),
  });
  if (!data?.offer) return null;
  const { offer, data: rows } = data;
  return (
    <Card
      title="Subscriptions"
      about={
        <>
          Instead of by hand at the provider: asked for when somebody connects, renewed before they end, taken back when the connection is
          deleted.{' '}
          <a className="underline underline-offset-2" href={offer.docs} target="_blank" rel="noreferrer">
            The provider’s page
          </a>
        </>
      }
    >
      <SwitchRow
        label="Ask for webhooks of each connection"
        about={needs(offer)}
        checked={offer.manages}
        onChange={(on) => manage.mutate(on)}
        disabled={manage.isPending}
      />
      {rows.length > 0 && (
        <div className="-mx-4 mt-4 overflow-x-auto border-t border-line sm:-mx-5">
          <Table label="Subscriptions" columns={columns} rows={rows} keyOf={({ id }) => id} />
        </div>
      )}
    </Card>
  );
}

type Offer = { scopes: string[]; target: { title: string; metadata: string; default: string | null } | null };

function needs({ scopes, target }: Offer): string {
  const said = [
    ...(target && target.default === null
      ? [`Name what it is about in the metadata of a connection: “${target.metadata}”, a text or a list (${target.title}).`]
      : []),
    ...(target && target.default !== null
      ? [`About “${target.default}”, unless “${target.metadata}” in the metadata of a connection names others.`]
      : []),
    ...(scopes.length > 0 ? [`Connections need the scope ${scopes.join(', ')}.`] : []),
  ];
  return said.length > 0 ? said.join(' ') : 'Of the whole account of each connection.';
}

const columns: Column<Subscription>[] = [
  {
    head: 'Connection',
    phone: 'main',
    cell: ({ connection, target, error }) => (
      <span className="flex min-w-0 flex-col gap-0.5">
        <span className="[overflow-wrap:anywhere]">{target === null ? connection : `${connection} · ${target}`}</span>
        {error && <span className="text-bad text-sm [overflow-wrap:anywhere]">{error}</span>}
      </span>
    ),
  },
  {
    head: 'State',
    phone: 'side',
    cell: ({ state }) => {
      const [tone, words] = states[state];
      return (
        <Badge tone={tone} dot pulse={state === 'asking' || state === 'leaving'}>
          {words}
        </Badge>
      );
    },
  },
  {
    head: 'Last webhook',
    cell: ({ last_event_at }) => (last_event_at ? <Time at={last_event_at} /> : <span className="text-muted">none yet</span>),
  },
  {
    head: 'Next',
    cell: ({ state, next_at }) =>
      next_at ? (
        <>
          {state === 'active' ? 'Renewed ' : 'Asked again '}
          <Time at={next_at} />
        </>
      ) : (
        <span className="text-muted">—</span>
      ),
  },
  { head: '', align: 'right', cell: (row) => <Again row={row} /> },
];

function Again({ row }: { row: Subscription }) {
  const { api } = useEnvironment();
  const again = useChange({
    run: () => api.subscriptions.renew({ params: { id: row.id }, query: {} }),
    stale: ['integrations'],
    said: 'The provider is asked again',
  });
  if (row.state === 'leaving') return null;
  return (
    <Button
      size="small"
      busy={again.isPending}
      onClick={() => again.mutate(undefined)}
      aria-label={`Ask again for ${row.connection}${row.target ? ` · ${row.target}` : ''}`}
    >
      Ask again
    </Button>
  );
}
