/** The providers that the environment defines itself. */
import type { ListedProvider } from '@bowline/api/dashboard-providers';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileCode2, Plus } from 'lucide-react';
import { modeName } from '../../auth-modes.ts';
import { useEnvironment } from '../../environment.tsx';
import { listedProvidersQuery } from '../../queries.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';

export function OwnProvidersPage() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(listedProvidersQuery(env));
  const own = data?.filter(({ custom }) => custom);
  const add = (
    <Link to="/$env/new-provider" params={{ env }} className={buttonClass('solid')}>
      <Plus aria-hidden className="size-4" />
      New provider
    </Link>
  );
  return (
    <Page
      title="Own providers"
      about="APIs that this environment describes itself, beside those of the catalogue."
      crumbs={[
        <Link key="integrations" to="/$env/integrations" params={{ env }}>
          Integrations
        </Link>,
        <span key="this">Own providers</span>,
      ]}
      actions={own?.length !== 0 && add}
    >
      <Card flush>
        {error ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : !own ? (
          <SkeletonRows rows={3} />
        ) : own.length === 0 ? (
          <Empty icon={<FileCode2 />} title="No provider of your own yet" action={add}>
            Describe an API that the catalogue does not have: how people connect, and where its requests go. It then works like any other.
          </Empty>
        ) : (
          <Table label="Own providers" columns={columnsOf(env)} rows={own} keyOf={(row) => row.name} />
        )}
      </Card>
    </Page>
  );
}

const columnsOf = (env: string): Column<ListedProvider>[] => [
  {
    head: 'Provider',
    phone: 'main',
    className: 'w-[45%]',
    cell: (row) => (
      <div className="flex min-w-0 items-center gap-3">
        <ProviderLogo name={row.name} src={row.logo_url} />
        <div className="min-w-0">
          <Link to="/$env/providers/$name" params={{ env, name: row.name }} className="row-link block truncate font-medium">
            {row.display_name}
          </Link>
          <code className="block truncate text-xs text-muted">{row.name}</code>
        </div>
      </div>
    ),
  },
  { head: 'Auth mode', cell: (row) => <span className="text-muted">{modeName(row.auth_mode)}</span> },
  { head: 'Categories', cell: (row) => <span className="text-muted">{row.categories.join(', ')}</span> },
];
