/** Where the API answers, and where providers send people back to. */
import { type ReactNode, useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card, Facts } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { TextField } from '../../ui/field.tsx';

export function Addresses({ callbackUrl }: { callbackUrl: string }) {
  const { api, session, env } = useEnvironment();
  const [text, setText] = useState(callbackUrl);
  const save = useChange({
    run: () => api.dashboard.updateEnvironment({ query: {}, body: { callback_url: text } }),
    stale: ['environment'],
    said: 'The callback URL was saved',
  });
  const ask = async () => {
    const body = 'Connecting works again only once the new URL is registered at every OAuth provider.';
    if (await confirm({ title: 'Change the callback URL?', body, action: 'Change it' })) save.mutate();
  };
  const uuid = session.environments.find((each) => each.name === env)?.uuid;
  return (
    <Card
      title="Addresses"
      footer={
        text !== callbackUrl && (
          <>
            <span className="flex-1" />
            <Button onClick={() => setText(callbackUrl)}>Discard</Button>
            <Button tone="solid" busy={save.isPending} onClick={() => void ask()}>
              Save
            </Button>
          </>
        )
      }
    >
      <div className="mb-5">
        <Facts
          facts={[
            ['API', <Copyable key="api" text={session.api_url} label="Copy API address" />],
            ...(uuid ? [['Environment ID', <Copyable key="uuid" text={uuid} label="Copy environment ID" />] as [string, ReactNode]] : []),
          ]}
        />
      </div>
      <TextField mono label="Callback URL" help="Register this at every OAuth provider." value={text} onChange={setText} />
    </Card>
  );
}
