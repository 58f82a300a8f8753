/** Captured runs, the newest first: each leads to the log of its run, where its exchanges and the command that replays it are. */
import type { Capture } from '@bowline/api/captures';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CassetteTape } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { capturesQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { More } from '../../ui/more.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { count, Time } from '../../ui/time.tsx';
import { replayCommand } from './capture.tsx';

const states: Record<Capture['state'], { tone: BadgeTone; word: string }> = {
  whole: { tone: 'good', word: 'whole' },
  cut: { tone: 'warn', word: 'cut' },
  running: { tone: 'plain', word: 'no end seen' },
};

const columnsOf = (env: string): Column<Capture>[] => [
  {
    head: 'Run',
    phone: 'main',
    cell: ({ operation_id, integration, function: name }) => (
      <Link to="/$env/activity/$id" params={{ env, id: operation_id }} className="row-link font-medium [overflow-wrap:anywhere]">
        {name} <span className="font-normal text-muted">{integration}</span>
      </Link>
    ),
  },
  { head: 'Connection', cell: ({ connection }) => <code className="block max-w-40 truncate text-xs text-muted">{connection}</code> },
  { head: 'Calls', align: 'right', phone: 'hide', cell: ({ calls }) => <span className="tabular-nums">{count(calls)}</span> },
  { head: 'Began', cell: ({ began_at }) => <Time at={began_at} /> },
  { head: 'Kept until', phone: 'hide', cell: ({ expires_at }) => <Time at={expires_at} /> },
  { head: 'State', phone: 'side', cell: ({ state }) => <Badge tone={states[state].tone}>{states[state].word}</Badge> },
  {
    head: '',
    phone: 'side',
    cell: (capture) => <CopyButton text={replayCommand(capture, env)} label={`Copy the command that replays run ${capture.run_id}`} />,
  },
];

export function CapturesPage() {
  const { env } = useEnvironment();
  const list = useInfiniteQuery(capturesQuery(env));
  const rows = list.data?.pages.flatMap((page) => page.data);
  return (
    <Page
      title="Captured runs"
      about="What is kept of runs, so that they can be executed again on your machine."
      crumbs={[
        <Link key="activity" to="/$env/activity" params={{ env }}>
          Activity
        </Link>,
        <span key="this">Captured runs</span>,
      ]}
      actions={
        <Link to="/$env/settings" params={{ env }} hash="captured-runs" className={buttonClass('outline')}>
          Which runs are captured
        </Link>
      }
    >
      <Card flush>
        {list.error ? (
          <Failed error={list.error} onRetry={() => void list.refetch()} />
        ) : !rows ? (
          <SkeletonRows />
        ) : rows.length === 0 ? (
          <Empty icon={<CassetteTape />} title="No run is captured">
            The settings say which runs are: none, unless somebody changed that.
          </Empty>
        ) : (
          <Table label="Captured runs" columns={columnsOf(env)} rows={rows} keyOf={({ id }) => id} />
        )}
        <More hasMore={list.hasNextPage} loading={list.isFetchingNextPage} onMore={list.fetchNextPage} />
      </Card>
    </Page>
  );
}
