/** What went to all endpoints, newest first. Filters live in the address; one delivery opens at the side; many are sent again. */
import type { WebhookDelivery } from '@bowline/api/webhook-deliveries';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { Webhook } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { type DeliveryFilter, deliveriesQuery } from '../../queries.ts';
import type { Deliveries } from '../../search.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { More } from '../../ui/more.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { Filters } from './filters.tsx';
import { SendMany } from './send-many.tsx';
import { SendSelected } from './send-selected.tsx';
import { DeliveryState } from './state.tsx';

const route = getRouteApi('/$env/deliveries');

export function DeliveriesPage() {
  const { env } = useEnvironment();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback((change: Deliveries) => void navigate({ search: (kept) => ({ ...kept, ...change }), replace: true }), [navigate]);
  const list = useInfiniteQuery(deliveriesQuery(env, present(filter)));
  const rows = list.data?.pages.flatMap(({ data }) => data);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [sending, setSending] = useState(false);
  const narrowed = Object.values(filter).some(Boolean);
  return (
    <Page
      wide
      title="Deliveries"
      about="What went to your webhook URLs and endpoints in the last 14 days, each with its attempts."
      actions={
        <>
          <Link to="/$env/settings" params={{ env }} className={buttonClass('outline')}>
            Endpoints
          </Link>
          <Button tone="solid" onClick={() => setSending(true)}>
            Send many again
          </Button>
        </>
      }
    >
      <Filters filter={filter} set={set} />
      <Card flush>
        {rows && rows.length > 0 && <SendSelected rows={rows} chosen={chosen} choose={setChosen} />}
        {list.error ? (
          <Failed error={list.error} onRetry={() => void list.refetch()} />
        ) : !rows ? (
          <SkeletonRows rows={10} />
        ) : rows.length === 0 ? (
          <Empty icon={<Webhook />} title={narrowed ? 'Nothing matches' : 'Nothing was sent yet'}>
            {narrowed
              ? 'Try other filters. Deliveries are forgotten after 14 days.'
              : 'Set a webhook URL or add an endpoint in the settings: what happens from then on is listed here.'}
          </Empty>
        ) : (
          <Table label="Deliveries" columns={columnsOf({ env, filter, chosen, choose: setChosen })} rows={rows} keyOf={({ id }) => id} />
        )}
        <More hasMore={list.hasNextPage} loading={list.isFetchingNextPage} onMore={list.fetchNextPage} />
      </Card>
      {sending && <SendMany filter={present(filter)} onClose={() => setSending(false)} />}
      <Outlet />
    </Page>
  );
}

type Columns = {
  readonly env: string;
  readonly filter: Deliveries;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (chosen: ReadonlySet<string>) => void;
};

const columnsOf = ({ env, filter, chosen, choose }: Columns): Column<WebhookDelivery>[] => [
  {
    head: 'Event',
    phone: 'main',
    className: 'w-1/3',
    cell: ({ id, event, state, connection, last_error }) => (
      <div className="flex min-w-0 items-start gap-3">
        <input
          type="checkbox"
          aria-label={`Select ${event}${connection ? ` of ${connection}` : ''}`}
          className="relative z-10 mt-0.5 size-4 shrink-0 accent-(--accent) disabled:opacity-40"
          disabled={state === 'pending'}
          checked={chosen.has(id)}
          onChange={({ target }) => choose(new Set(target.checked ? [...chosen, id] : [...chosen].filter((one) => one !== id)))}
        />
        <div className="min-w-0">
          <Link
            to="/$env/deliveries/$id"
            params={{ env, id }}
            search={filter}
            resetScroll={false}
            className="row-link block font-mono text-xs leading-5 font-medium [overflow-wrap:anywhere]"
          >
            {event}
          </Link>
          {last_error && <span className="block text-xs text-bad [overflow-wrap:anywhere]">{last_error}</span>}
        </div>
      </div>
    ),
  },
  {
    head: 'Connection',
    cell: ({ connection, integration }) => (
      <>
        {connection && <code className="block max-w-44 truncate text-xs">{connection}</code>}
        {integration && <span className="block max-w-44 truncate text-xs text-muted">{integration}</span>}
      </>
    ),
  },
  {
    head: 'Endpoint',
    phone: 'hide',
    className: 'max-lg:hidden',
    cell: ({ url }) => <span className="block max-w-80 truncate font-mono text-xs text-muted">{url}</span>,
  },
  { head: 'Attempts', align: 'right', phone: 'hide', cell: ({ attempts }) => <span className="tabular-nums">{attempts}</span> },
  {
    head: 'Made',
    cell: ({ created_at }) => (
      <span className="text-muted">
        <Time at={created_at} />
      </span>
    ),
  },
  { head: 'State', phone: 'side', cell: (delivery) => <DeliveryState delivery={delivery} /> },
];

/** What the contract takes: it knows absent, not undefined. */
function present({ event, state, endpoint, integration, connection, from, to }: Deliveries): DeliveryFilter {
  return {
    ...(event ? { event } : {}),
    ...(state ? { state } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(integration ? { integration } : {}),
    ...(connection ? { connection } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
  };
}
