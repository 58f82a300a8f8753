/** Operations in rows. */
import type { Operation } from '@bowline/api/logs';
import { Link } from '@tanstack/react-router';
import { Cloud, Code2, KeyRound, type LucideIcon, RefreshCw, Rocket, Waypoints, Webhook, Zap } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import type { Activity } from '../../search.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/class-names.ts';
import { type Column, Table } from '../../ui/table.tsx';
import { duration, Time } from '../../ui/time.tsx';
import { stateTones, stateWords, typeWords } from './words.ts';

export function OperationTable({ rows, filter }: { rows: Operation[]; filter: Activity }) {
  const { env } = useEnvironment();
  return <Table label="Operations" columns={columnsOf(env, filter)} rows={rows} keyOf={(row) => row.id} />;
}

const icons: Record<Operation['type'], LucideIcon> = {
  sync: RefreshCw,
  action: Zap,
  proxy: Waypoints,
  auth: KeyRound,
  webhook: Webhook,
  deploy: Rocket,
  on_event: Code2,
};

export function TypeIcon({ type }: { type: Operation['type'] }) {
  const Icon = icons[type] ?? Cloud;
  return (
    <span
      aria-hidden
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-md border border-line bg-sunken text-muted"
    >
      <Icon className="size-3.5" />
    </span>
  );
}

export function OperationState({ state }: { state: Operation['state'] }) {
  return (
    <Badge dot pulse={state === 'running'} tone={stateTones[state]}>
      {stateWords[state]}
    </Badge>
  );
}

const columnsOf = (env: string, filter: Activity): Column<Operation>[] => [
  {
    head: 'Operation',
    phone: 'main',
    className: 'w-full max-w-0',
    cell: (row) => (
      <div className="flex min-w-0 items-center gap-3">
        <TypeIcon type={row.type} />
        <div className="min-w-0">
          <Link
            to="/$env/activity/$id"
            params={{ env, id: row.id }}
            search={filter}
            resetScroll={false}
            className="row-link block truncate font-medium"
          >
            {row.title}
          </Link>
          {row.error && (
            <span className={cx('block truncate text-xs', row.state === 'failed' ? 'text-bad' : 'text-warn')}>{row.error}</span>
          )}
        </div>
      </div>
    ),
  },
  { head: 'Type', phone: 'hide', cell: (row) => <span className="text-muted">{typeWords[row.type]}</span> },
  { head: 'Integration', cell: (row) => row.integration && <span className="whitespace-nowrap text-muted">{row.integration}</span> },
  {
    head: 'Connection',
    phone: 'hide',
    className: 'max-lg:hidden',
    cell: (row) => row.connection && <code className="block max-w-36 truncate text-xs text-muted">{row.connection}</code>,
  },
  {
    head: 'Duration',
    align: 'right',
    cell: (row) =>
      row.duration_ms !== null && <span className="whitespace-nowrap text-muted tabular-nums">{duration(row.duration_ms)}</span>,
  },
  {
    head: 'Started',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row.started_at} />
      </span>
    ),
  },
  { head: 'State', phone: 'side', cell: (row) => <OperationState state={row.state} /> },
];
