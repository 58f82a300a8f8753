/** What signs the webhooks to an endpoint, and its replacement. */
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { endpointSecretQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Secret } from './secret.tsx';

export function EndpointSecret({ id }: { id: string }) {
  const { api, env } = useEnvironment();
  const { data } = useQuery(endpointSecretQuery(env, id));
  const rotate = useChange({
    run: () => api.webhookEndpoints.rotateSecret({ params: { id }, query: {} }),
    stale: ['environment'],
    said: 'There is a new secret',
  });
  const ask = async () => {
    const body = 'For a day webhook-signature holds a signature of the old secret, too.';
    if (await confirm({ title: 'Replace the secret?', body, action: 'Replace it' })) rotate.mutate();
  };
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg border border-line px-3 py-2">
      <span className="font-medium">Secret</span>
      {data && <Secret value={data} name="secret" />}
      <Button busy={rotate.isPending} onClick={() => void ask()}>
        Replace
      </Button>
    </div>
  );
}
