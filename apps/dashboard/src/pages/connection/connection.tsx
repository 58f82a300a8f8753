/** One connection: its authorization, its syncs and its records. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionDetail, connectionQuery, integrationsQuery, syncsQuery } from '../../queries.ts';
import { Card } from '../../ui/card.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Authorization } from './authorization.tsx';
import { Reconnect } from './connect-integration.tsx';
import { ConnectionState } from './list.tsx';
import { HeldRateLimit } from './rate-limit.tsx';
import { Records } from './records.tsx';
import { Syncs } from './syncs.tsx';

const route = getRouteApi('/$env/connections/$key/$connectionId');

export function ConnectionPage() {
  const { env } = useEnvironment();
  const { key, connectionId } = route.useParams();
  const { tab = 'authorization' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(connectionQuery(env, { key, connectionId }));
  const { data: syncs } = useQuery(syncsQuery(env, { key, connectionId }));
  const name = endUserName(data) ?? connectionId;
  return (
    <Page
      title={name}
      crumbs={[
        <Link key="all" to="/$env/connections" params={{ env }}>
          Connections
        </Link>,
        <Link key="integration" to="/$env/connections" params={{ env }} search={{ integration: key }}>
          {key}
        </Link>,
      ]}
      heading={data ? <Heading connection={data} name={name} /> : error ? connectionId : <Skeleton className="h-11 w-72" />}
      actions={data && <Reconnect of={{ key, connectionId }} isBroken={data.errors.some(({ type }) => type === 'auth')} />}
    >
      {error ? (
        <Card flush>
          <Failed error={error} onRetry={() => void refetch()} />
        </Card>
      ) : (
        <>
          <HeldRateLimit of={{ key, connectionId }} />
          <Tabs
            label="Parts of the connection"
            value={tab}
            onChange={(next) => void navigate({ search: { tab: next }, replace: true })}
            tabs={[
              {
                value: 'authorization',
                label: 'Authorization',
                content: data ? (
                  <Authorization connection={data} />
                ) : (
                  <Card flush>
                    <SkeletonRows rows={4} />
                  </Card>
                ),
              },
              { value: 'syncs', label: 'Syncs', count: syncs?.length, content: <Syncs of={{ key, connectionId }} /> },
              { value: 'records', label: 'Records', content: <Records of={{ key, connectionId }} /> },
            ]}
          />
        </>
      )}
    </Page>
  );
}

function Heading({ connection, name }: { connection: ConnectionDetail; name: string }) {
  const { env } = useEnvironment();
  const { data: integrations } = useQuery(integrationsQuery(env));
  const logo = integrations?.find((each) => each.unique_key === connection.provider_config_key)?.logo;
  return (
    <span className="flex items-center gap-3">
      <ProviderLogo name={connection.provider} src={logo} size="large" />
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          {name}
          <ConnectionState errors={connection.errors} />
        </span>
        <span className="block font-normal tracking-normal text-muted">
          <Copyable text={connection.connection_id} label="Copy connection ID" />
        </span>
      </span>
    </span>
  );
}

/** What the person behind a connection is called. */
function endUserName(connection: ConnectionDetail | undefined): string | undefined {
  const { display_name, email, id } = connection?.end_user ?? {};
  return [display_name, email, id].find((each): each is string => typeof each === 'string' && each !== '');
}
