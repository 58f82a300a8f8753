/** What the provider was asked to send, for each connection or for the whole app; nothing where we cannot ask. */
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
import { SubscriptionSettings } from './subscription-settings.tsx';

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
    said: (_, on) => (on ? 'The provider is asked for webhooks' : 'The provider is told to stop'),
  });
  if (!data?.offer) return null;
  const { offer, data: rows } = data;
  return (
    <Card
      title="Subscriptions"
      about={
        <>
          {data.offer.of === 'integration' ? ofApp : ofConnections}{' '}
          <a className="underline underline-offset-2" href={offer.docs} target="_blank" rel="noreferrer">
            The provider’s page
          </a>
        </>
      }
    >
      {offer.settings.length > 0 && <SubscriptionSettings integration={integration} settings={offer.settings} />}
      <SwitchRow
        label={offer.of === 'integration' ? 'Ask for webhooks of the app' : 'Ask for webhooks of each connection'}
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

const ofConnections =
  'Instead of by hand at the provider: asked for when somebody connects, renewed before they end, taken back when the connection is deleted.';
const ofApp =
  'Instead of by hand at the provider: the address and the events of your app, for all who connect. Seen to every day, taken back when you turn it off or delete the integration.';

type Offer = {
  of: 'connection' | 'integration';
  scopes: string[];
  target: { title: string; metadata: string; default: string | null } | null;
};

function needs({ of, scopes, target }: Offer): string {
  if (of === 'integration') return 'An address of another system that stands there is left alone.';
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

const nameOf = ({ connection, target }: Pick<Subscription, 'connection' | 'target'>) =>
  [connection ?? 'All connections', ...(target === null ? [] : [target])].join(' · ');

const columns: Column<Subscription>[] = [
  {
    head: 'Connection',
    phone: 'main',
    cell: ({ connection, target, error }) => (
      <span className="flex min-w-0 flex-col gap-0.5">
        <span className="[overflow-wrap:anywhere]">{nameOf({ connection, target })}</span>
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
    cell: ({ state, next_at, expires_at }) =>
      next_at ? (
        <>
          {state !== 'active' ? 'Asked again ' : expires_at ? 'Renewed ' : 'Checked '}
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
    <Button size="small" busy={again.isPending} onClick={() => again.mutate(undefined)} aria-label={`Ask again for ${nameOf(row)}`}>
      Ask again
    </Button>
  );
}
