/** The rate limits of an integration: who spent them in the last day, and those that are near. */
import type { RateLimits as Answer } from '@bowline/api/dashboard';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { rateLimitsQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { PendingCard } from '../../ui/pending.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { count, duration, Time } from '../../ui/time.tsx';
import { SpendingChart } from './spending-chart.tsx';

type Spender = Answer['connections'][number];
type Limit = Answer['limits'][number];

export function RateLimits({ integrationKey }: { integrationKey: string }) {
  const { env } = useEnvironment();
  const query = useQuery(rateLimitsQuery(env, integrationKey));
  const { data } = query;
  if (query.error || !data) return <PendingCard of={query} rows={4} />;
  const isUnused = data.connections.length === 0;
  return (
    <div className="grid gap-5">
      <Card
        title="Requests to the provider"
        about="By what sent them: calls through the proxy, actions and syncs share what the provider allows."
      >
        {isUnused ? (
          <p className="rounded-lg bg-sunken/60 px-4 py-10 text-center text-muted">Nothing was sent in the last 24 hours.</p>
        ) : (
          <SpendingChart slots={data.slots} />
        )}
      </Card>
      {data.limits.length > 0 && (
        <Card title="Limits that are near" about="Learned from what the provider answered in the last hour." flush>
          <Table
            label="Limits that are near"
            columns={limitColumns}
            rows={data.limits}
            keyOf={(one) => `${one.of} ${one.connection_id ?? ''} ${one.part}`}
          />
        </Card>
      )}
      {!isUnused && (
        <Card title="By connection" flush>
          <Table
            label="Requests by connection"
            columns={spenderColumns(env, integrationKey)}
            rows={data.connections}
            keyOf={(one) => one.connection_id ?? `deleted ${one.proxy} ${one.action} ${one.sync}`}
          />
        </Card>
      )}
    </div>
  );
}

const limitColumns: Column<Limit>[] = [
  {
    head: 'Limit of',
    phone: 'main',
    cell: ({ of, connection_id, part }) => (
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {of === 'integration' ? 'All connections' : (connection_id ?? 'a deleted connection')}
        {part && <span className="text-muted"> · {part}</span>}
      </span>
    ),
  },
  {
    head: 'State',
    phone: 'side',
    cell: ({ held_until }) =>
      held_until ? (
        <Badge tone="warn" dot>
          <span>
            used up, opens <Time at={held_until} />
          </span>
        </Badge>
      ) : (
        <Badge tone="good" dot>
          open
        </Badge>
      ),
  },
  {
    head: 'Left',
    align: 'right',
    cell: ({ limit, remaining, per_second }) => (
      <span className="tabular-nums">
        {limit !== null && remaining !== null
          ? `${count(remaining)} of ${count(limit)} left`
          : per_second === null
            ? '—'
            : perSecond(per_second)}
      </span>
    ),
  },
  { head: 'Ends', align: 'right', phone: 'hide', cell: ({ ends_at }) => <Time at={ends_at} /> },
];

const perSecond = (value: number) =>
  `about ${value < 1 ? `${Math.max(1, Math.round(value * 60))} a minute` : `${Math.round(value * 10) / 10} a second`}`;

function spenderColumns(env: string, key: string): Column<Spender>[] {
  const number = (head: string, of: (one: Spender) => number, phone?: 'hide'): Column<Spender> => ({
    head,
    align: 'right',
    cell: (one) => (
      <span className="tabular-nums">
        {count(of(one))} <span className="text-muted sm:hidden">{head.toLowerCase()}</span>
      </span>
    ),
    ...(phone ? { phone } : {}),
  });
  return [
    {
      head: 'Connection',
      phone: 'main',
      cell: ({ connection_id }) =>
        connection_id === null ? (
          <span className="text-muted">deleted</span>
        ) : (
          <Link
            to="/$env/connections/$key/$connectionId"
            params={{ env, key, connectionId: connection_id }}
            className="row-link font-medium [overflow-wrap:anywhere]"
          >
            {connection_id}
          </Link>
        ),
    },
    number('Proxy', ({ proxy }) => proxy),
    number('Actions', ({ action }) => action),
    number('Syncs', ({ sync }) => sync),
    {
      head: 'Refused',
      align: 'right',
      phone: 'side',
      cell: ({ refused }) =>
        refused === 0 ? <span className="text-faint">none</span> : <Badge tone="bad">{count(refused)} refused</Badge>,
    },
    {
      head: 'Waited',
      align: 'right',
      phone: 'hide',
      cell: ({ waits, waited_ms }) =>
        waits === 0 ? (
          <span className="text-faint">—</span>
        ) : (
          <span className="tabular-nums">{`${count(waits)} × ${duration(waited_ms / waits)}`}</span>
        ),
    },
  ];
}
