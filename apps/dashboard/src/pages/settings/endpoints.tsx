/** Further places that events go to: how each fares, and the way to what went there. */
import type { WebhookEndpoint } from '@bowline/api/webhook-endpoints';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { endpointsQuery } from '../../queries.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { CreateEndpoint } from './create-endpoint.tsx';
import { EndpointSheet } from './endpoint-sheet.tsx';
import { EndpointState } from './endpoint-state.tsx';

export function Endpoints() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(endpointsQuery(env));
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string>();
  const opened = data?.find(({ id }) => id === openId);
  return (
    <Card
      flush
      title="Webhook endpoints"
      about="Further addresses, each with the events it gets and a secret of its own. The two URLs above, and those of connections, are listed once something went there."
      actions={
        <>
          <Link to="/$env/deliveries" params={{ env }} className={buttonClass('outline')}>
            Deliveries
          </Link>
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            Add endpoint
          </Button>
        </>
      }
    >
      {data ? (
        data.length > 0 ? (
          <Table label="Webhook endpoints" columns={columnsOf(setOpenId)} rows={data} keyOf={({ id }) => id} />
        ) : (
          <p className="px-5 py-4 text-muted">There is none yet.</p>
        )
      ) : error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
      {adding && <CreateEndpoint onClose={() => setAdding(false)} />}
      {opened && <EndpointSheet endpoint={opened} onClose={() => setOpenId(undefined)} />}
    </Card>
  );
}

const columnsOf = (open: (id: string) => void): Column<WebhookEndpoint>[] => [
  {
    head: 'Address',
    phone: 'main',
    className: 'w-1/2',
    cell: ({ id, url, description }) => (
      <>
        <button
          type="button"
          className="row-link cursor-pointer text-left font-mono text-xs [overflow-wrap:anywhere]"
          onClick={() => open(id)}
        >
          {url}
        </button>
        {description && <span className="block text-xs text-muted">{description}</span>}
      </>
    ),
  },
  {
    head: 'Events',
    cell: ({ kind, events }) => (
      <span className="text-xs text-muted [overflow-wrap:anywhere]">{kind === 'setting' ? 'by the settings' : shortly(events)}</span>
    ),
  },
  {
    head: 'Waiting',
    align: 'right',
    cell: ({ waiting }) => <span className="tabular-nums">{waiting > 0 ? `${waiting} waiting` : ''}</span>,
  },
  { head: 'State', phone: 'side', cell: (endpoint) => <EndpointState endpoint={endpoint} /> },
];

const shortly = (events: readonly string[]) =>
  events.length > 2 ? `${events.slice(0, 2).join(', ')} and ${events.length - 2} more` : events.join(', ');
