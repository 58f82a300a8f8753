/** The settings of the environment: keys, addresses, webhooks, variables; and below them what belongs to the account. */
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { settingsQuery } from '../../queries.ts';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EnvironmentLimits } from '../limits/sync-limits.tsx';
import { AccountKeys } from './account-keys.tsx';
import { Addresses } from './addresses.tsx';
import { ApiKeys } from './api-keys.tsx';
import { CapturedRuns } from './captured-runs.tsx';
import { ConnectPage } from './connect-page.tsx';
import { DeletionGuard } from './deletion-guard.tsx';
import { Endpoints } from './endpoints.tsx';
import { Environments } from './environments.tsx';
import { Processes } from './processes.tsx';
import { Queue } from './queue.tsx';
import { RecordHistory } from './record-history.tsx';
import { SigningKey } from './signing-key.tsx';
import { ValidationModes } from './validation.tsx';
import { Variables } from './variables.tsx';
import { WebhookEvents, WebhookUrls } from './webhooks.tsx';

export function SettingsPage() {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(settingsQuery(env));
  return (
    <Page title="Environment settings" about={<>These belong to the environment {env}; what belongs to the account stands below.</>}>
      {error ? (
        <Card flush>
          <Failed error={error} onRetry={() => void refetch()} />
        </Card>
      ) : !data ? (
        <Card flush>
          <SkeletonRows />
        </Card>
      ) : (
        <div className="flex flex-col gap-5">
          <ApiKeys keys={data.api_keys} />
          <Addresses key={data.callback_url} callbackUrl={data.callback_url} />
          <ConnectPage />
          <WebhookUrls key={JSON.stringify(data.webhooks)} webhooks={data.webhooks} />
          <WebhookEvents webhooks={data.webhooks} />
          <Endpoints />
          <DeletionGuard key={JSON.stringify(data.deletion_guard)} guard={data.deletion_guard} />
          <EnvironmentLimits />
          <RecordHistory />
          <CapturedRuns />
          <SigningKey secret={data.webhook_signing_key} standard={data.webhook_secret} />
          <ValidationModes validation={data.validation} />
          <Variables key={JSON.stringify(data.variables)} variables={data.variables} />
        </div>
      )}
      <header className="mt-10 mb-4">
        <h2 className="text-lg font-semibold tracking-tight">Account</h2>
        <p className="mt-0.5 text-muted">This is the same in every environment.</p>
      </header>
      <div className="flex flex-col gap-5">
        <Environments />
        <AccountKeys />
        <Processes />
        <Queue />
      </div>
    </Page>
  );
}
