/** The connections of the environment, by search and integration. */
import type { ConnectionSummary } from '@bowline/api/connections';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Cable } from 'lucide-react';
import { useCallback } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { connectionsQuery, integrationsQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { Select } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Search } from '../../ui/search.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { AddConnection } from './add.tsx';
import { NoConnections } from './no-connections.tsx';

const route = getRouteApi('/$env/connections');

export function ConnectionsPage() {
  const { env } = useEnvironment();
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const { data: integrations } = useQuery(integrationsQuery(env));
  const list = useInfiniteQuery(connectionsQuery(env, filter));
  const rows = list.data?.pages.flat();
  const narrowed = Boolean(filter.search || filter.integration);
  const setSearch = useCallback(
    (search: string) => void navigate({ search: (kept) => ({ ...kept, search: search || undefined }), replace: true }),
    [navigate],
  );
  const logos = new Map(integrations?.map((each) => [each.unique_key, each.logo]));
  return (
    <Page
      title="Connections"
      about="Your users’ access to external APIs."
      actions={(narrowed || rows?.length !== 0) && <AddConnection integration={filter.integration} />}
    >
      {(narrowed || rows?.length !== 0) && (
        <div className="mb-3 flex flex-wrap gap-2">
          <Search label="Search connections" value={filter.search ?? ''} onChange={setSearch} />
          <Select
            aria-label="Integration"
            className="max-sm:flex-1 sm:w-44"
            value={filter.integration ?? ''}
            onChange={(integration) =>
              void navigate({ search: (kept) => ({ ...kept, integration: integration || undefined }), replace: true })
            }
            options={[['', 'All integrations'], ...(integrations?.map((each) => [each.unique_key, each.display_name] as const) ?? [])]}
          />
        </div>
      )}
      <Card flush>
        {list.error ? (
          <Failed error={list.error} onRetry={() => void list.refetch()} />
        ) : !rows ? (
          <SkeletonRows />
        ) : rows.length === 0 && narrowed ? (
          <Empty
            icon={<Cable />}
            title="No connection matches"
            action={<Button onClick={() => void navigate({ search: {} })}>Clear filters</Button>}
          />
        ) : rows.length === 0 ? (
          <NoConnections integration={integrations?.[0]?.unique_key} />
        ) : (
          <Table label="Connections" columns={columnsOf(env, logos)} rows={rows} keyOf={(row) => String(row.id)} />
        )}
        <More hasMore={list.hasNextPage} loading={list.isFetchingNextPage} onMore={list.fetchNextPage} />
      </Card>
    </Page>
  );
}

const columnsOf = (env: string, logos: Map<string, string>): Column<ConnectionSummary>[] => [
  {
    head: 'End user',
    phone: 'main',
    className: 'w-[32%]',
    cell: (row) => {
      const who = row.end_user?.display_name || row.end_user?.email || row.end_user?.id || row.connection_id;
      const under = [row.end_user?.email, row.end_user?.id].find((each) => each && each !== who);
      return (
        <div className="min-w-0">
          <Link
            to="/$env/connections/$key/$connectionId"
            params={{ env, key: row.provider_config_key, connectionId: row.connection_id }}
            className="row-link block truncate font-medium"
          >
            {who}
          </Link>
          {under && <span className="block truncate text-xs text-muted">{under}</span>}
        </div>
      );
    },
  },
  {
    head: 'Integration',
    cell: (row) => (
      <span className="inline-flex items-center gap-2">
        <ProviderLogo size="small" name={row.provider} src={logos.get(row.provider_config_key)} />
        {row.provider_config_key}
      </span>
    ),
  },
  {
    head: 'Connection ID',
    phone: 'hide',
    cell: (row) => <code className="block max-w-56 truncate text-xs text-muted">{row.connection_id}</code>,
  },
  {
    head: 'Added',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row.created} />
      </span>
    ),
  },
  { head: 'State', phone: 'side', cell: (row) => <ConnectionState errors={row.errors} /> },
];

export function ConnectionState({ errors }: { errors: { type: 'auth' | 'sync' }[] }) {
  if (errors.some(({ type }) => type === 'auth'))
    return (
      <Badge dot tone="bad">
        Needs reconnecting
      </Badge>
    );
  if (errors.length > 0)
    return (
      <Badge dot tone="warn">
        Sync failing
      </Badge>
    );
  return (
    <Badge dot tone="good">
      Healthy
    </Badge>
  );
}
