/** One operation at the side of the list: what it was, why it failed and what to do, and everything it said, in order. */
import type { Operation } from '@bowline/api/logs';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { operationQuery } from '../../queries.ts';
import { Facts } from '../../ui/card.tsx';
import { Json } from '../../ui/code.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Sheet } from '../../ui/dialog.tsx';
import { Failed, Notice } from '../../ui/empty.tsx';
import { More } from '../../ui/more.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { duration, Time } from '../../ui/time.tsx';
import { CaptureOf } from './capture.tsx';
import { DeploymentChanges } from './deployment.tsx';
import { OperationState, TypeIcon } from './operation-table.tsx';
import { Timeline } from './timeline.tsx';
import { adviceOf, typeWords } from './words.ts';

const route = getRouteApi('/$env/activity/$id');

export function OperationSheet() {
  const { env } = useEnvironment();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(operationQuery(env, id));
  const operation = data?.pages.at(-1)?.operation;
  const messages = data?.pages.flatMap((page) => page.messages) ?? [];
  const close = () => void navigate({ to: '/$env/activity', params: { env }, search, resetScroll: false });
  return (
    <Sheet
      open
      onClose={close}
      title={
        operation ? (
          <span className="flex items-center gap-2.5">
            <TypeIcon type={operation.type} />
            {operation.title}
          </span>
        ) : (
          'Operation'
        )
      }
      about={
        operation && (
          <span className="flex items-center gap-2">
            <OperationState state={operation.state} />
            <Time at={operation.started_at} />
          </span>
        )
      }
    >
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !operation ? (
        <Loading />
      ) : (
        <div className="flex flex-col gap-6">
          {operation.error && (
            <Notice tone={operation.state === 'timeout' ? 'warn' : 'bad'} title={operation.error}>
              {adviceOf(operation)}
            </Notice>
          )}
          <Facts facts={factsOf(env, operation)} />
          {operation.type === 'deploy' && typeof operation.meta?.deployment === 'number' && (
            <DeploymentChanges number={operation.meta.deployment} />
          )}
          {['sync', 'action', 'on_event'].includes(operation.type) && operation.function && <CaptureOf operation={operation} />}
          <section>
            <h3 className="mb-2 font-semibold">Timeline</h3>
            <Timeline messages={messages} startedAt={operation.started_at} running={operation.state === 'running'} />
            <More hasMore={hasNextPage} loading={isFetchingNextPage} onMore={fetchNextPage} />
          </section>
          {operation.meta && Object.keys(operation.meta).length > 0 && (
            <section>
              <h3 className="mb-2 font-semibold">Details</h3>
              <Json value={operation.meta} />
            </section>
          )}
        </div>
      )}
    </Sheet>
  );
}

function factsOf(env: string, operation: Operation): [string, ReactNode][] {
  const { integration, connection } = operation;
  const facts: [string, ReactNode][] = [['Type', `${typeWords[operation.type]} · ${operation.action.replaceAll('_', ' ')}`]];
  const link = 'font-medium text-accent hover:underline';
  if (integration) {
    facts.push([
      'Integration',
      <Link key="integration" to="/$env/integrations/$key" params={{ env, key: integration }} className={link}>
        {integration}
      </Link>,
    ]);
  }
  if (integration && connection) {
    facts.push([
      'Connection',
      <Link
        key="connection"
        to="/$env/connections/$key/$connectionId"
        params={{ env, key: integration, connectionId: connection }}
        className={link}
      >
        {connection}
      </Link>,
    ]);
  }
  if (operation.function) facts.push(['Function', <code key="function">{operation.function}</code>]);
  facts.push(['Duration', operation.state === 'running' ? 'still running' : duration(operation.duration_ms)]);
  facts.push(['Operation ID', <Copyable key="id" text={operation.id} label="Copy operation ID" />]);
  return facts;
}

function Loading() {
  return (
    <div role="status" className="flex flex-col gap-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-16 w-full rounded-lg" />
      <Skeleton className="h-4 w-64" />
      <Skeleton className="h-4 w-48" />
      <Skeleton className="h-40 w-full rounded-lg" />
    </div>
  );
}
