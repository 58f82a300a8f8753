/** The syncs of one connection. */
import type { SyncDetail } from '@bowline/api/dashboard';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, syncsQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Notice } from '../../ui/empty.tsx';
import { PendingCard } from '../../ui/pending.tsx';
import { count, duration, Time } from '../../ui/time.tsx';
import { ConnectionLimits } from '../limits/sync-limits.tsx';
import { Counts } from './counts.tsx';
import { Frequency } from './frequency.tsx';
import { HeldDeletions } from './held-deletions.tsx';
import { SyncActions } from './sync-actions.tsx';
import { isLate, SyncState } from './sync-state.tsx';

export function Syncs({ of }: { of: ConnectionRef }) {
  const { env } = useEnvironment();
  const query = useQuery(syncsQuery(env, of));
  const { data } = query;
  if (query.error || !data) return <PendingCard of={query} rows={3} />;
  if (data.length === 0) return <NoSyncs env={env} integrationKey={of.key} />;
  return (
    <div className="flex flex-col gap-4">
      <HeldDeletions of={of} />
      {data.map((sync) => (
        <SyncCard key={sync.id} sync={sync} />
      ))}
      <ConnectionLimits of={of} />
    </div>
  );
}

function SyncCard({ sync }: { sync: SyncDetail }) {
  const { env } = useEnvironment();
  const run = sync.last_run;
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {sync.name}
          {sync.variant !== 'base' && <Badge mono>{sync.variant}</Badge>}
          <SyncState sync={sync} />
        </span>
      }
      actions={<SyncActions sync={sync} />}
    >
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 lg:grid-cols-4">
        <Stat name="Frequency">
          <Frequency sync={sync} />
        </Stat>
        <Stat name="Next run">
          <NextRun sync={sync} />
        </Stat>
        <Stat name="Last run">
          <LastRun sync={sync} env={env} />
        </Stat>
        <Stat name="Records">
          <span className="flex flex-col gap-0.5">
            {sync.models.map((model) => (
              <Link
                key={model}
                to="/$env/connections/$key/$connectionId"
                params={{ env, key: sync.provider_config_key, connectionId: sync.connection_id }}
                search={{ tab: 'records', model, variant: sync.variant }}
                className="w-fit hover:underline"
              >
                <span className="font-medium tabular-nums">{count(sync.records[model] ?? 0)}</span>{' '}
                <span className="text-muted">{model}</span>
              </Link>
            ))}
          </span>
        </Stat>
      </dl>
      {run?.error && sync.state !== 'running' && (
        <div className="mt-4">
          <Notice title="The last run failed">
            <p>{run.error}</p>
            {run.operation_id && (
              <Link to="/$env/activity/$id" params={{ env, id: run.operation_id }} className="font-medium text-ink underline">
                See what happened
              </Link>
            )}
          </Notice>
        </div>
      )}
    </Card>
  );
}

function Stat({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="mb-1 text-xs text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function LastRun({ sync: { last_run: run }, env }: { sync: SyncDetail; env: string }) {
  if (!run) return <span className="text-faint">not yet</span>;
  const when = (
    <>
      <Time at={run.ended_at ?? run.started_at} none="waiting" />
      {run.started_at && run.ended_at && (
        <span className="text-muted"> · {duration(Date.parse(run.ended_at) - Date.parse(run.started_at))}</span>
      )}
    </>
  );
  return (
    <span className="flex flex-col gap-0.5">
      {run.operation_id ? (
        <Link to="/$env/activity/$id" params={{ env, id: run.operation_id }} className="w-fit hover:underline">
          {when}
        </Link>
      ) : (
        <span>{when}</span>
      )}
      <Late late={run.late_by_ms ?? 0} missed={run.missed} />
      <Counts counts={run.counts} />
    </span>
  );
}

function NextRun({ sync }: { sync: SyncDetail }) {
  if (sync.waiting_since && isLate(sync)) return <WaitsFor sync={sync} since={sync.waiting_since} />;
  if (sync.waiting_since) return <span className="text-muted">about to begin</span>;
  return sync.paused ? <span className="text-faint">paused</span> : <Time at={sync.next_run_at} />;
}

/** What it waits for, and where that is set. */
function WaitsFor({ sync, since }: { sync: SyncDetail; since: string }) {
  const { env } = useEnvironment();
  const link = 'font-medium underline decoration-line-strong underline-offset-2 hover:decoration-current';
  const places: Record<NonNullable<SyncDetail['waiting_for']> | 'turn', ReactNode> = {
    connection: 'this connection runs as many at once as it may',
    integration: (
      <Link to="/$env/integrations/$key" params={{ env, key: sync.provider_config_key }} className={link}>
        the integration runs as many at once as it may
      </Link>
    ),
    environment: (
      <Link to="/$env/settings" params={{ env }} hash="running-syncs" className={link}>
        the environment runs as many at once as it may
      </Link>
    ),
    first_runs: 'first runs take all the room they may',
    machine: (
      <Link to="/$env/settings" params={{ env }} hash="processes" className={link}>
        no process is free
      </Link>
    ),
    turn: (
      <Link to="/$env/settings" params={{ env }} hash="processes" className={link}>
        no process has taken it yet
      </Link>
    ),
  };
  return (
    <span className="text-warn">
      was due <Time at={since} />: {places[sync.waiting_for ?? 'turn']}
    </span>
  );
}

/** Below it nobody would notice. */
const LATE_MS = 60_000;

function Late({ late, missed }: { late: number; missed: number }) {
  const parts = [late > LATE_MS ? `${duration(late)} late` : '', missed > 0 ? `${count(missed)} missed` : ''].filter(Boolean);
  return parts.length > 0 && <span className="text-xs text-warn">{parts.join(', ')}</span>;
}

function NoSyncs({ env, integrationKey }: { env: string; integrationKey: string }) {
  return (
    <Card flush>
      <Empty
        icon={<RefreshCw />}
        title="No syncs"
        action={
          <Link
            to="/$env/integrations/$key"
            params={{ env, key: integrationKey }}
            search={{ tab: 'functions' }}
            className={buttonClass('outline')}
          >
            See the functions of {integrationKey}
          </Link>
        }
      >
        Syncs are functions that you deploy for the integration. Each one then runs for every connection.
      </Empty>
    </Card>
  );
}
