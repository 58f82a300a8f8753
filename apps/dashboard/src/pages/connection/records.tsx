/** The records of one connection, model by model, newest change last as the API gives them. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, modelsQuery, recordsQuery } from '../../queries.ts';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { Select } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { PendingCard } from '../../ui/pending.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { count, Time } from '../../ui/time.tsx';
import { RecordSamples } from './record-samples.tsx';
import { RecordTable } from './record-table.tsx';

const route = getRouteApi('/$env/connections/$key/$connectionId');

export function Records({ of }: { of: ConnectionRef }) {
  const { env } = useEnvironment();
  const query = useQuery(modelsQuery(env, of));
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: models } = query;
  if (query.error || !models) return <PendingCard of={query} />;
  const chosen = models.find(({ model, variant }) => model === search.model && variant === (search.variant ?? 'base')) ?? models[0];
  if (!chosen) {
    return (
      <Card flush>
        <Empty icon={<Database />} title="No records yet">
          They appear here once a sync has saved some.
        </Empty>
      </Card>
    );
  }
  const at = models.indexOf(chosen);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label="Model"
          className="max-sm:flex-1 sm:w-64"
          value={String(at)}
          onChange={(index) => {
            const next = models[Number(index)];
            if (next)
              void navigate({ search: { tab: 'records', model: next.model, variant: next.variant, filter: search.filter }, replace: true });
          }}
          options={models.map(({ model, variant, count: number }, index) => [
            String(index),
            `${model}${variant === 'base' ? '' : ` (${variant})`} · ${count(number)}`,
          ])}
        />
        <Select
          aria-label="Last action"
          className="max-sm:flex-1 sm:w-40"
          value={search.filter ?? ''}
          onChange={(value) => {
            const filter = (['added', 'updated', 'deleted'] as const).find((each) => each === value);
            void navigate({ search: { ...search, filter }, replace: true });
          }}
          options={[
            ['', 'Any last action'],
            ['added', 'Added'],
            ['updated', 'Updated'],
            ['deleted', 'Deleted'],
          ]}
        />
        {chosen.last_change_at && (
          <span className="ml-auto text-muted max-sm:hidden">
            Last change <Time at={chosen.last_change_at} />
          </span>
        )}
      </div>
      <List of={of} model={chosen.model} variant={chosen.variant} filter={search.filter} />
      <RecordSamples of={of} model={chosen.model} />
    </>
  );
}

type ListProps = { of: ConnectionRef; model: string; variant: string; filter: 'added' | 'updated' | 'deleted' | undefined };

function List({ of, model, variant, filter }: ListProps) {
  const { env } = useEnvironment();
  const list = useInfiniteQuery(recordsQuery(env, of, { model, variant, filter }));
  const rows = list.data?.pages.flatMap((page) => page.records);
  return (
    <Card flush>
      {list.error ? (
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      ) : !rows ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <Empty icon={<Database />} title={filter ? `No record was last ${filter}` : 'No records'} />
      ) : (
        <RecordTable key={`${model} ${variant}`} of={of} kind={{ model, variant }} rows={rows} />
      )}
      <More hasMore={list.hasNextPage} loading={list.isFetchingNextPage} onMore={list.fetchNextPage} auto={false} />
    </Card>
  );
}
