/** How long work of each kind waits for a process that takes it. */
import type { WaitingClass, WorkClass } from '@bowline/api/environment';
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { queueQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { duration } from '../../ui/time.tsx';

const kinds: Record<WorkClass, { name: string; about: string }> = {
  action: { name: 'Actions', about: 'called asynchronously' },
  webhook: { name: 'Events', about: 'functions of events, webhooks to your app' },
  incremental: { name: 'Syncs', about: 'that have succeeded before' },
  backfill: { name: 'First runs', about: 'and runs from the start' },
  other: { name: 'Other', about: 'deployments, dry runs, clearing up' },
};

/** From then on somebody should look: a worker that is free takes work within a second. */
const LONG_MS = 60_000;

const columns: Column<WaitingClass>[] = [
  { head: 'Work', phone: 'main', cell: (one) => <span className="font-medium">{kinds[one.class].name}</span> },
  { head: 'What it is', className: 'w-1/2', cell: (one) => <span className="text-muted">{kinds[one.class].about}</span> },
  { head: 'Oldest waits', phone: 'side', cell: ({ age_ms }) => <Age ms={age_ms} /> },
];

function Age({ ms }: { ms: number | null }) {
  if (ms === null) return <span className="text-faint">none waits</span>;
  if (ms < LONG_MS) return <span className="tabular-nums">{duration(ms)}</span>;
  return (
    <Badge dot tone="warn">
      {duration(ms)}
    </Badge>
  );
}

export function Queue() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(queueQuery(env));
  return (
    <Card
      flush
      title="Queue"
      about="For how long the oldest work that no process has taken is due, the most urgent first. An age that grows asks for another worker, or for higher limits."
    >
      {data ? (
        <Table label="Queue" columns={columns} rows={data} keyOf={(one) => one.class} />
      ) : error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Card>
  );
}
