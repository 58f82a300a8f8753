/** The first page: how much there is, how the last day went, what fails, and the first steps for those who begin. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { type Overview, operationsQuery, overviewQuery } from '../../queries.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { count, Time } from '../../ui/time.tsx';
import { OperationTable } from '../activity/operation-table.tsx';
import { FirstSteps } from './first-steps.tsx';
import { HoursChart } from './hours-chart.tsx';

const RECENT = 8;

export function OverviewPage() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(overviewQuery(env));
  if (error) {
    return (
      <Page title="Overview">
        <Card flush>
          <Failed error={error} onRetry={() => void refetch()} />
        </Card>
      </Page>
    );
  }
  const beginning = data !== undefined && (data.integrations === 0 || data.connections === 0 || data.functions === 0);
  return (
    <Page title="Overview">
      <div className="flex flex-col gap-5">
        {beginning && <FirstSteps overview={data} />}
        <Tiles overview={data} />
        <Card title="Last 24 hours" about="Operations that succeeded and failed, by hour.">
          {data ? <HoursChart hours={data.hours} /> : <Skeleton className="h-40 w-full rounded-lg" />}
        </Card>
        <Recent />
      </div>
    </Page>
  );
}

function Tiles({ overview }: { overview: Overview | undefined }) {
  const { env } = useEnvironment();
  const failing = overview?.connections_failing ?? 0;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4 lg:gap-4">
      <Tile
        name="Integrations"
        value={overview?.integrations}
        to="/$env/integrations"
        env={env}
        note={overview && `${count(overview.functions)} functions`}
      />
      <Tile
        name="Connections"
        value={overview?.connections}
        to="/$env/connections"
        env={env}
        note={
          overview &&
          (failing > 0 ? (
            <span className="font-medium text-bad">{count(failing)} failing</span>
          ) : overview.connections > 0 ? (
            'all healthy'
          ) : (
            'none yet'
          ))
        }
      />
      <Tile
        name="Syncs"
        value={overview?.syncs}
        to="/$env/activity"
        env={env}
        note={
          overview &&
          (overview.syncs_waiting > 0 ? (
            <span>
              {count(overview.syncs_waiting)} due, the first <Time at={overview.syncs_waiting_since} />
            </span>
          ) : overview.syncs > 0 ? (
            'kept running'
          ) : (
            'none yet'
          ))
        }
      />
      <Tile
        name="Records"
        value={overview?.records}
        to="/$env/connections"
        env={env}
        note={overview && (overview.records > 0 ? 'in the cache' : 'none yet')}
      />
    </div>
  );
}

type TileProps = {
  name: string;
  value: number | undefined;
  note: ReactNode;
  env: string;
  to: '/$env/integrations' | '/$env/connections' | '/$env/activity';
};

function Tile({ name, value, note, env, to }: TileProps) {
  return (
    <Link
      to={to}
      params={{ env }}
      search={name === 'Syncs' ? { type: 'sync' } : {}}
      className="rounded-xl border border-line bg-panel px-4 py-3.5 shadow-soft transition-colors hover:border-line-strong sm:px-5"
    >
      <span className="block text-muted">{name}</span>
      {value === undefined ? (
        <Skeleton className="mt-2 mb-1.5 h-6 w-16" />
      ) : (
        <span className="mt-0.5 block text-2xl leading-9 font-semibold tracking-tight tabular-nums">{count(value)}</span>
      )}
      <span className="block min-h-4.5 text-xs text-muted">{note}</span>
    </Link>
  );
}

function Recent() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useInfiniteQuery(operationsQuery(env, {}));
  const rows = data?.pages[0]?.operations.slice(0, RECENT);
  if (rows?.length === 0) return null;
  return (
    <Card
      flush
      title="Latest activity"
      actions={
        <Link to="/$env/activity" params={{ env }} className={buttonClass('outline', 'small')}>
          View all
        </Link>
      }
    >
      <div className="border-t border-line">
        {error ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : rows ? (
          <OperationTable rows={rows} filter={{}} />
        ) : (
          <SkeletonRows />
        )}
      </div>
    </Card>
  );
}
