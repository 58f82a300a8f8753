/** Everything that happened, newest first. Filters live in the address; one operation opens at the side. */
import { operationStates, operationTypes } from '@bowline/api/logs';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { Activity as ActivityIcon, X } from 'lucide-react';
import { useCallback } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { operationsQuery } from '../../queries.ts';
import type { Activity } from '../../search.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { Select } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { Page } from '../../ui/page.tsx';
import { Search } from '../../ui/search.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { IntegrationSelect } from '../integration/select.tsx';
import { OperationTable } from './operation-table.tsx';
import { stateWords, typeWords } from './words.ts';

const route = getRouteApi('/$env/activity');

export function ActivityPage() {
  const { env } = useEnvironment();
  const filter = route.useSearch();
  const list = useInfiniteQuery(operationsQuery(env, present(filter)));
  const rows = list.data?.pages.flatMap((page) => page.operations);
  const narrowed = Object.values(filter).some(Boolean);
  return (
    <Page
      wide
      title="Activity"
      about="Every sync run, action, proxy request, connection and webhook, with its logs."
      actions={
        <>
          <Link to="/$env/deliveries" params={{ env }} className={buttonClass('outline')}>
            Deliveries
          </Link>
          <Link to="/$env/captures" params={{ env }} className={buttonClass('outline')}>
            Captured runs
          </Link>
        </>
      }
    >
      <Filters filter={filter} />
      <Card flush>
        {list.error ? (
          <Failed error={list.error} onRetry={() => void list.refetch()} />
        ) : !rows ? (
          <SkeletonRows rows={10} />
        ) : rows.length === 0 ? (
          <Empty icon={<ActivityIcon />} title={narrowed ? 'Nothing matches' : 'Nothing has happened yet'}>
            {narrowed ? 'Try other filters.' : 'Connect an account, run a sync or call an API through the proxy: it shows up here at once.'}
          </Empty>
        ) : (
          <OperationTable rows={rows} filter={filter} />
        )}
        <More hasMore={list.hasNextPage} loading={list.isFetchingNextPage} onMore={list.fetchNextPage} />
      </Card>
      <Outlet />
    </Page>
  );
}

function Filters({ filter }: { filter: Activity }) {
  const navigate = route.useNavigate();
  const set = useCallback((change: Activity) => void navigate({ search: (kept) => ({ ...kept, ...change }), replace: true }), [navigate]);
  const setSearch = useCallback((search: string) => set({ search: search || undefined }), [set]);
  const select = 'max-sm:flex-1 sm:w-38';
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <div className="flex min-w-0 flex-1 basis-full sm:basis-64">
        <Search label="Search activity" value={filter.search ?? ''} onChange={setSearch} />
      </div>
      <Select
        aria-label="Type"
        className={select}
        value={filter.type ?? ''}
        onChange={(value) => set({ type: operationTypes.find((each) => each === value) })}
        options={[['', 'Any type'], ...operationTypes.map((each) => [each, typeWords[each]] as const)]}
      />
      <Select
        aria-label="State"
        className={select}
        value={filter.state ?? ''}
        onChange={(value) => set({ state: operationStates.find((each) => each === value) })}
        options={[['', 'Any state'], ...operationStates.map((each) => [each, stateWords[each]] as const)]}
      />
      <IntegrationSelect className={select} value={filter.integration} onChange={(integration) => set({ integration })} />
      {filter.connection && (
        <Button icon={<X aria-hidden className="size-3.5" />} onClick={() => set({ connection: undefined })}>
          <span className="max-w-40 truncate font-mono text-xs">{filter.connection}</span>
        </Button>
      )}
    </div>
  );
}

function present(filter: Activity) {
  const { search, type, state, integration, connection } = filter;
  return {
    ...(search ? { search } : {}),
    ...(type ? { type } : {}),
    ...(state ? { state } : {}),
    ...(integration ? { integration } : {}),
    ...(connection ? { connection } : {}),
  };
}
