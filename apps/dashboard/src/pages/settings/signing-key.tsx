/** The key that signs webhooks, so that the app can tell them from forgeries. */
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Secret } from './secret.tsx';

export function SigningKey({ secret }: { secret: string }) {
  const { api } = useEnvironment();
  const rotate = useChange({
    run: () => api.environment.rotateSigningKey({ query: {} }),
    stale: ['environment'],
    said: 'There is a new signing key',
  });
  const ask = async () => {
    const body = 'Webhooks are signed with the new key from then on. Your app refuses them until it knows it.';
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
      <Secret value={secret} name="signing key" />
    </Card>
  );
}
