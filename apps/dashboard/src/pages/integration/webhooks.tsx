/** Webhooks of the provider: where they go, whether they are verified, and what became of the newest. */
import type { IncomingWebhook } from '@bowline/api/dashboard-webhooks';
import { useQuery } from '@tanstack/react-query';
import { Webhook } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { type IntegrationDetail, incomingQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { SwitchRow } from '../../ui/switch.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { Subscriptions } from './subscriptions.tsx';

type Props = { integration: IntegrationDetail };
type Verification = NonNullable<IntegrationDetail['webhooks']>['verification'];

const verifications: Record<Verification, [tone: BadgeTone, words: string]> = {
  verified: ['good', 'Signatures are verified'],
  secret_missing: ['warn', 'Secret missing'],
  unsigned: ['plain', 'The provider signs nothing'],
};
const reasons: Record<string, string> = {
  unsigned: 'not signed',
  no_key: 'no secret to verify with',
  missing_signature: 'without a signature',
  invalid_signature: 'wrong signature',
  outside_window: 'too old, or from the future',
};

export function Webhooks({ integration }: Props) {
  const { env } = useEnvironment();
  const { data } = useQuery(incomingQuery(env, integration.unique_key));
  const { webhooks } = integration;
  if (!webhooks) return null;
  const [tone, words] = verifications[webhooks.verification];
  const refused = data?.refused.map(({ reason, count }) => `${count} ${reasons[reason] ?? reason}`) ?? [];
  return (
    <div className="flex flex-col gap-5">
      <Card
        title="Webhooks from the provider"
        about="What the provider sends is verified, stored, handed to the functions that ask for it, and forwarded."
      >
        <Facts
          facts={[
            ...(integration.webhook_url ? [urlFact(integration.webhook_url)] : []),
            [
              'Verification',
              <Badge key="verification" tone={tone} dot>
                {words}
              </Badge>,
            ],
            [
              'Last 24 hours',
              data ? `${data.received} received, ${refused.length > 0 ? `refused: ${refused.join(', ')}` : 'none refused'}` : '…',
            ],
          ]}
        />
        <Settings integration={integration} />
      </Card>
      <Subscriptions integration={integration} />
      {data && (
        <Card title="Newest" flush>
          {data.newest.length > 0 ? (
            <Table label="Newest webhooks" columns={columns} rows={data.newest} keyOf={({ id }) => id} />
          ) : (
            <Empty icon={<Webhook />} title="Nothing came yet">
              Register the webhook URL at the provider. What comes is kept for seven days.
            </Empty>
          )}
        </Card>
      )}
    </div>
  );
}

const urlFact = (url: string): [string, ReactNode] => ['Webhook URL', <Copyable key="url" text={url} label="Copy webhook URL" />];

const columns: Column<IncomingWebhook>[] = [
  { head: 'Event', phone: 'main', cell: ({ event }) => <code className="[overflow-wrap:anywhere]">{event ?? '—'}</code> },
  {
    head: 'State',
    phone: 'side',
    cell: ({ state, verified }) => (
      <span className="flex gap-1.5">
        <Badge tone={state === 'routed' ? 'good' : 'accent'} pulse={state === 'stored'}>
          {state === 'routed' ? 'Seen to' : 'Waiting'}
        </Badge>
        {!verified && <Badge tone="warn">Unverified</Badge>}
      </span>
    ),
  },
  { head: 'Became', cell: (row) => <span className="text-muted">{became(row)}</span> },
  { head: 'Received', align: 'right', cell: ({ received_at }) => <Time at={received_at} /> },
];

const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
function became({ state, connections, runs, forwards }: IncomingWebhook): string {
  if (state === 'stored') return '';
  const whose = connections === 0 ? 'no connection' : counted(connections, 'connection');
  return [whose, counted(runs, 'run'), `${forwards} forwarded`].join(' · ');
}

function Settings({ integration }: Props) {
  const { api } = useEnvironment();
  const [secret, setSecret] = useState('');
  const save = useChange({
    run: (body: Parameters<typeof api.integrations.update>[0]['body']) =>
      api.integrations.update({ params: { uniqueKey: integration.unique_key }, query: {}, body }),
    stale: ['integrations'],
    said: 'The webhook settings were saved',
    after: () => setSecret(''),
  });
  const { webhooks } = integration;
  return (
    <div className="mt-4 flex flex-col gap-4">
      {webhooks?.verification !== 'unsigned' && (
        <form
          className="flex max-w-md items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ webhooks: { secrets: [secret] } });
          }}
        >
          <div className="min-w-0 flex-1">
            <TextField
              label={webhooks && webhooks.secrets > 0 ? 'Replace the webhook secret' : 'Webhook secret'}
              help="What the provider signs its webhooks with, or its public key."
              value={secret}
              onChange={setSecret}
            />
          </div>
          {secret !== '' && (
            <Button type="submit" tone="solid" className="h-9" busy={save.isPending}>
              Save
            </Button>
          )}
        </form>
      )}
      <SwitchRow
        label="Take webhooks that cannot be verified"
        about="For providers that sign nothing, or while no secret is set. A wrong signature is refused all the same."
        checked={webhooks?.accept_unverified ?? false}
        onChange={(on) => save.mutate({ webhooks: { accept_unverified: on } })}
        disabled={save.isPending}
      />
      <SwitchRow
        label="Forward to your app"
        about="Send what arrives from the provider to the webhook URLs of the environment, signed and with the connection it is for."
        checked={integration.forward_webhooks}
        onChange={(on) => save.mutate({ forward_webhooks: on })}
        disabled={save.isPending}
      />
    </div>
  );
}
