/** Adding an integration: choose the provider, then enter what was registered with it. */
import type { Provider } from '@bowline/api/providers';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { modeName } from '../../auth-modes.ts';
import { useEnvironment } from '../../environment.tsx';
import { providersQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { inputClass } from '../../ui/field.tsx';
import { ProviderLogo } from '../../ui/provider-logo.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { CreateForm } from './create-form.tsx';

export function AddIntegration({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [provider, setProvider] = useState<Provider>();
  const close = () => {
    setProvider(undefined);
    onClose();
  };
  const title = provider ? `Add ${provider.display_name}` : 'Add integration';
  return (
    <Dialog open={open} onClose={close} wide title={title} about={provider ? undefined : 'Choose the provider.'}>
      {provider ? (
        <>
          <Button
            tone="bare"
            size="small"
            className="mb-3 -ml-2.5"
            icon={<ArrowLeft aria-hidden className="size-3.5" />}
            onClick={() => setProvider(undefined)}
          >
            All providers
          </Button>
          <CreateForm provider={provider} onDone={close} />
        </>
      ) : (
        <Pick onPick={setProvider} />
      )}
    </Dialog>
  );
}

function Pick({ onPick }: { onPick: (provider: Provider) => void }) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(providersQuery(env));
  const [search, setSearch] = useState('');
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  const wanted = search.trim().toLowerCase();
  const found = data?.filter(({ name, display_name, categories = [] }) =>
    `${name} ${display_name} ${categories.join(' ')}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="flex min-h-80 flex-col gap-3">
      <input
        type="search"
        aria-label="Search providers"
        placeholder={`Search ${data ? `${data.length} providers` : 'providers'}`}
        value={search}
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to search
        autoFocus
        onChange={(event) => setSearch(event.target.value)}
        className={`${inputClass} h-9`}
      />
      {!found && <SkeletonRows rows={5} />}
      {found?.length === 0 && <Empty icon="?" title={`No provider matches “${search}”`} />}
      <ul className="grid gap-2 sm:grid-cols-2">
        {found?.map((provider) => (
          <li key={provider.name}>
            <button
              type="button"
              onClick={() => onPick(provider)}
              className="flex w-full items-center gap-3 rounded-lg border border-line px-3 py-2.5 text-left transition-colors hover:border-line-strong hover:bg-hover"
            >
              <ProviderLogo name={provider.name} src={provider.logo_url} />
              <span className="min-w-0">
                <span className="block truncate font-medium">{provider.display_name}</span>
                <span className="block truncate text-xs text-muted">{modeName(provider.auth_mode)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
