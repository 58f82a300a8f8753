/** One integration: how it connects, and the functions deployed for it. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEnvironment } from '../../environment.tsx';
import { functionsQuery, integrationQuery, providerQuery } from '../../queries.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { Skeleton, SkeletonRows } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AddConnection } from '../connection/add.tsx';
import { Functions } from './functions.tsx';
import { GuideCard } from './guide.tsx';
import { RateLimits } from './rate-limits.tsx';
import { Settings } from './settings.tsx';
import { Webhooks } from './webhooks.tsx';

const route = getRouteApi('/$env/integrations/$key');

export function IntegrationPage() {
  const { env } = useEnvironment();
  const { key } = route.useParams();
  const { tab = 'settings' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(integrationQuery(env, key));
  const { data: provider } = useQuery({ ...providerQuery(env, data?.provider ?? ''), enabled: data !== undefined });
  const { data: functions } = useQuery(functionsQuery(env, key));
  return (
    <Page
      title={data?.display_name ?? key}
      crumbs={[
        <Link key="all" to="/$env/integrations" params={{ env }}>
          Integrations
        </Link>,
        <span key="this">{key}</span>,
      ]}
      heading={
        <span className="flex items-center gap-3">
          {data ? <ProviderLogo name={data.provider} src={data.logo} size="large" /> : <Skeleton className="size-11 rounded-xl" />}
          <span className="min-w-0">
            {data?.display_name ?? key}
            <span className="block text-sm font-normal tracking-normal text-muted">{provider?.display_name ?? data?.provider ?? ' '}</span>
          </span>
        </span>
      }
      actions={
        <>
          <Link to="/$env/connections" params={{ env }} search={{ integration: key }} className={buttonClass('outline')}>
            View connections
          </Link>
          <AddConnection integration={key} />
        </>
      }
    >
      {error ? (
        <Card flush>
          <Failed error={error} onRetry={() => void refetch()} />
        </Card>
      ) : (
        <Tabs
          label="Parts of the integration"
          value={tab}
          onChange={(next) => void navigate({ search: { tab: next }, replace: true })}
          tabs={[
            {
              value: 'settings',
              label: 'Connect settings',
              content: data ? (
                <Settings key={data.updated_at} integration={data} provider={provider} />
              ) : (
                <Card flush>
                  <SkeletonRows rows={4} />
                </Card>
              ),
            },
            {
              value: 'functions',
              label: 'Functions',
              count: functions?.length,
              content: <Functions integrationKey={key} provider={data?.provider} />,
            },
            { value: 'webhooks', label: 'Webhooks', content: data && <Webhooks key={data.updated_at} integration={data} /> },
            { value: 'limits', label: 'Rate limits', content: <RateLimits integrationKey={key} /> },
            {
              value: 'guide',
              label: 'Guide',
              content: data && <GuideCard provider={data.provider} title={provider?.display_name ?? data.provider} integration={key} />,
            },
          ]}
        />
      )}
    </Page>
  );
}
