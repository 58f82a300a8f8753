/** One of the environment's own providers: its definition, the guide that is made of it, and its end. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { providerQuery, sourceQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Failed, Notice } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { GuideCard } from '../integration/guide.tsx';
import { Editor } from './editor.tsx';

const route = getRouteApi('/$env/providers/$name');

export function OwnProviderPage() {
  const { env } = useEnvironment();
  const { name } = route.useParams();
  const { data: source, error, refetch } = useQuery(sourceQuery(env, name));
  const { data: provider } = useQuery(providerQuery(env, name));
  const title = provider?.display_name ?? name;
  return (
    <Page
      title={title}
      crumbs={[
        <Link key="integrations" to="/$env/integrations" params={{ env }}>
          Integrations
        </Link>,
        <Link key="own" to="/$env/providers" params={{ env }}>
          Own providers
        </Link>,
        <span key="this">{name}</span>,
      ]}
      heading={
        <span className="flex items-center gap-3">
          <ProviderLogo name={name} src={provider?.logo_url} size="large" />
          <span className="min-w-0">
            {title}
            <code className="block text-xs font-normal tracking-normal text-muted">{name}</code>
          </span>
        </span>
      }
    >
      {error ? (
        <Card flush>
          <Failed error={error} onRetry={() => void refetch()} />
        </Card>
      ) : (
        <div className="flex flex-col gap-5">
          {source ? (
            <Editor key={source.updated_at} name={name} yaml={source.yaml} onSaved={() => undefined} />
          ) : (
            <Card flush>
              <SkeletonRows rows={8} />
            </Card>
          )}
          <GuideCard provider={name} title={title} integration={name} />
          <Remove name={name} title={title} />
        </div>
      )}
    </Page>
  );
}

function Remove({ name, title }: { name: string; title: string }) {
  const { env, api } = useEnvironment();
  const navigate = useNavigate();
  const remove = useChange({
    run: () => api.customProviders.remove({ params: { provider: name }, query: {} }),
    stale: ['providers'],
    said: `${title} was deleted`,
    quiet: true,
    after: () => void navigate({ to: '/$env/providers', params: { env } }),
  });
  const ask = async () => {
    const body = 'Its definition is gone then. While integrations use it, or other providers extend it, it cannot be deleted.';
    if (await confirm({ title: `Delete ${title}?`, body, action: 'Delete provider', danger: true })) remove.mutate();
  };
  return (
    <Card
      danger
      title="Delete this provider"
      about="Only one that nothing uses can be deleted."
      actions={
        <Button tone="danger" busy={remove.isPending} onClick={() => void ask()}>
          Delete provider
        </Button>
      }
    >
      {remove.isError && <Notice title={wordsOf(remove.error)} />}
    </Card>
  );
}
