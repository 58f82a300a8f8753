/** The button that adds a connection, and its dialog: which integration, then connecting it as an end user one names. */
import type { Integration } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Boxes, Plus } from 'lucide-react';
import { useState } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { integrationsQuery } from '../../queries.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ConnectIntegration } from './connect-integration.tsx';

export function AddConnection({ integration, small = false }: { integration?: string | undefined; small?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        tone={small ? 'outline' : 'solid'}
        size={small ? 'small' : 'medium'}
        icon={<Plus aria-hidden className={small ? 'size-3.5' : 'size-4'} />}
        onClick={() => setOpen(true)}
      >
        Add connection
      </Button>
      {open && <AddDialog wanted={integration} onClose={() => setOpen(false)} />}
    </>
  );
}

function AddDialog({ wanted, onClose }: { wanted: string | undefined; onClose: () => void }) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(integrationsQuery(env));
  const [picked, setPicked] = useState(wanted);
  const key = picked ?? (data?.length === 1 ? data[0]?.unique_key : undefined);
  const integration = data?.find((each) => each.unique_key === key);
  return (
    <Dialog
      open
      onClose={onClose}
      title={integration ? `Connect ${integration.display_name}` : 'Add connection'}
      about={integration ? undefined : 'Which integration?'}
    >
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={3} />
      ) : integration ? (
        <ConnectIntegration integration={integration} onClose={onClose} />
      ) : data.length === 0 ? (
        <NoIntegrations env={env} />
      ) : (
        <Choices integrations={data} onPick={setPicked} />
      )}
    </Dialog>
  );
}

function NoIntegrations({ env }: { env: string }) {
  return (
    <Empty
      icon={<Boxes />}
      title="There is nothing to connect yet"
      action={
        <Link to="/$env/integrations" params={{ env }} className={buttonClass('solid')}>
          Go to integrations
        </Link>
      }
    >
      Add an integration first.
    </Empty>
  );
}

function Choices({ integrations, onPick }: { integrations: Integration[]; onPick: (key: string) => void }) {
  return (
    <ul className="flex flex-col gap-1.5">
      {integrations.map((each) => (
        <li key={each.unique_key}>
          <button
            type="button"
            onClick={() => onPick(each.unique_key)}
            className="flex w-full items-center gap-3 rounded-lg border border-line px-3 py-2.5 text-left transition-colors hover:border-line-strong hover:bg-hover"
          >
            <ProviderLogo name={each.provider} src={each.logo} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{each.display_name}</span>
              <span className="block truncate font-mono text-2xs text-muted">{each.unique_key}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
