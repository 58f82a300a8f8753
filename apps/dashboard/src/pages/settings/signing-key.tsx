/** The key that signs webhooks, so that the app can tell them from forgeries. */
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Secret } from './secret.tsx';

export function SigningKey({ secret, standard }: { secret: string; standard: string }) {
  const { api } = useEnvironment();
  const rotate = useChange({
    run: () => api.environment.rotateSigningKey({ query: {} }),
    stale: ['environment'],
    said: 'There is a new signing key',
  });
  const ask = async () => {
    const body =
      'For a day webhook-signature holds a signature of the old key, too. The older headers are of the new key at once: an app that checks those refuses webhooks until it knows it.';
    if (await confirm({ title: 'Replace the signing key?', body, action: 'Replace it', danger: true })) rotate.mutate();
  };
  return (
    <Card
      title="Webhook signing key"
      about="Check with it that a webhook comes from here."
      actions={
        <Button busy={rotate.isPending} onClick={() => void ask()}>
          Replace
        </Button>
      }
    >
      <div className="flex flex-col gap-2">
        <Secret value={secret} name="signing key" />
        <p className="text-muted">The same for libraries of standardwebhooks.com:</p>
        <Secret value={standard} name="secret" />
      </div>
    </Card>
  );
}
