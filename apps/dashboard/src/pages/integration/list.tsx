/** The integrations of the environment. */
import type { Integration } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Boxes, Plus } from 'lucide-react';
import { useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { integrationsQuery } from '../../queries.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Search } from '../../ui/search.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { AddConnection } from '../connection/add.tsx';
import { AddIntegration } from './add.tsx';

export function IntegrationsPage() {
  const { env } = useEnvironment();
  const [adding, setAdding] = useState(false);
  const [search, setSearch] = useState('');
  const { data, error, refetch } = useQuery(integrationsQuery(env));
  const wanted = search.toLowerCase();
  const shown = data?.filter((each) => `${each.unique_key} ${each.display_name} ${each.provider}`.toLowerCase().includes(wanted));
  const add = (
    <Button tone="solid" icon={<Plus aria-hidden className="size-4" />} onClick={() => setAdding(true)}>
      Add integration
    </Button>
  );
  return (
    <Page
      title="Integrations"
      about="The external APIs your product connects to."
      actions={
        <>
          <Link to="/$env/providers" params={{ env }} className={buttonClass('outline')}>
            Own providers
          </Link>
          {data?.length !== 0 && add}
        </>
      }
    >
      {data && data.length > 0 && (
        <div className="mb-3 flex">
          <Search label="Search integrations" value={search} onChange={setSearch} />
        </div>
      )}
      <Card flush>
        {error ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : !shown ? (
          <SkeletonRows />
        ) : data?.length === 0 ? (
          <Empty icon={<Boxes />} title="Add your first integration" action={add}>
            Choose a provider and enter the client you registered with it. Then your users can connect.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty icon={<Boxes />} title={`No integration matches “${search}”`} />
        ) : (
          <Table label="Integrations" columns={columnsOf(env)} rows={shown} keyOf={(row) => row.unique_key} />
        )}
      </Card>
      <AddIntegration open={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}

const columnsOf = (env: string): Column<Integration>[] => [
  {
    head: 'Integration',
    phone: 'main',
    className: 'w-[36%]',
    cell: (row) => (
      <div className="flex min-w-0 items-center gap-3">
        <ProviderLogo name={row.provider} src={row.logo} />
        <div className="min-w-0">
          <Link to="/$env/integrations/$key" params={{ env, key: row.unique_key }} className="row-link block truncate font-medium">
            {row.display_name}
          </Link>
          <span className="block truncate text-xs text-muted">{row.provider}</span>
        </div>
      </div>
    ),
  },
  { head: 'Key', cell: (row) => <code className="text-xs">{row.unique_key}</code> },
  {
    head: 'Created',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row.created_at} />
      </span>
    ),
  },
  {
    head: '',
    phone: 'side',
    align: 'right',
    cell: (row) => (
      <div className="relative z-10 inline-flex">
        <AddConnection integration={row.unique_key} small />
      </div>
    ),
  },
];
