/** Adding an integration: choose the provider, then enter what was registered with it. */
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { providerQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { CreateForm } from './create-form.tsx';
import { PickProvider } from './pick-provider.tsx';

export function AddIntegration({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [chosen, setChosen] = useState<{ name: string; display_name: string }>();
  const close = () => {
    setChosen(undefined);
    onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      size={chosen ? 'page' : 'wide'}
      title={chosen ? `Add ${chosen.display_name}` : 'Add integration'}
      about={chosen ? undefined : 'Choose the provider.'}
    >
      {chosen ? (
        <>
          <Button
            tone="bare"
            size="small"
            className="mb-3 -ml-2.5"
            icon={<ArrowLeft aria-hidden className="size-3.5" />}
            onClick={() => setChosen(undefined)}
          >
            All providers
          </Button>
          <Chosen name={chosen.name} onDone={close} />
        </>
      ) : (
        <PickProvider onPick={setChosen} />
      )}
    </Dialog>
  );
}

/** The definition of a provider is read when it was chosen, not of all to choose from. */
function Chosen({ name, onDone }: { name: string; onDone: () => void }) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(providerQuery(env, name));
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return data ? <CreateForm provider={data} onDone={onDone} /> : <SkeletonRows rows={3} />;
}
