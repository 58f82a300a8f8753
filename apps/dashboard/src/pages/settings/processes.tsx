/** The processes that serve this installation: what each does, and whether it is still heard of. */
import type { Process } from '@bowline/api/environment';
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { processesQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

const states: Record<Process['state'], { tone: BadgeTone; word: string }> = {
  alive: { tone: 'good', word: 'alive' },
  silent: { tone: 'bad', word: 'not heard of' },
  outdated: { tone: 'warn', word: 'older than the database' },
};

const columns: Column<Process>[] = [
  { head: 'Process', phone: 'main', cell: ({ host, pid }) => <span className="font-mono text-xs">{`${host} ${pid}`}</span> },
  { head: 'Roles', cell: ({ roles }) => roles.join(', ') },
  { head: 'Version', cell: ({ version }) => version },
  { head: 'Started', phone: 'hide', cell: ({ started_at }) => <Time at={started_at} /> },
  { head: 'Last heard of', phone: 'hide', cell: ({ last_beat_at }) => <Time at={last_beat_at} /> },
  {
    head: 'State',
    phone: 'side',
    cell: ({ state }) => (
      <Badge dot tone={states[state].tone}>
        {states[state].word}
      </Badge>
    ),
  },
];

export function Processes() {
  const { env } = useEnvironment();
  const { data: processes, error, refetch } = useQuery(processesQuery(env));
  return (
    <Card
      flush
      id="processes"
      title="Processes"
      about="What serves this installation. One that ends in good order leaves the list; one that dies, after ten minutes."
    >
      {processes ? (
        <Table label="Processes" columns={columns} rows={processes} keyOf={({ id }) => id} />
      ) : error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Card>
  );
}
