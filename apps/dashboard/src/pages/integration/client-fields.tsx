/** The client that was registered at a provider: id, secret, scopes, and the callback URL to register there. */
import type { Provider } from '@bowline/api/providers';
import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { useId } from 'react';
import { useEnvironment } from '../../environment.tsx';
import { settingsQuery } from '../../queries.ts';
import { Copyable } from '../../ui/copy.tsx';
import { TextField } from '../../ui/field.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

export type ClientValues = { client_id: string; client_secret: string; scopes: string };
export const noClient: ClientValues = { client_id: '', client_secret: '', scopes: '' };

type ClientFieldsProps = {
  values: ClientValues;
  onChange: (values: ClientValues) => void;
  provider: Provider | undefined;
  checked: boolean;
};

export function ClientFields({ values, onChange, provider, checked }: ClientFieldsProps) {
  const suggestions = useId();
  const available = provider?.available_scopes;
  const scopes = Array.isArray(available) ? available.filter((scope): scope is string => typeof scope === 'string') : [];
  const chosen = values.scopes.split(',').filter(Boolean);
  const missing = (value: string, name: string) => (checked && value === '' ? `${name} is needed` : undefined);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Client ID"
          mono
          value={values.client_id}
          onChange={(client_id) => onChange({ ...values, client_id })}
          error={missing(values.client_id, 'The client ID')}
        />
        <TextField
          label="Client secret"
          secret
          autoComplete="new-password"
          value={values.client_secret}
          onChange={(client_secret) => onChange({ ...values, client_secret })}
          error={missing(values.client_secret, 'The client secret')}
        />
      </div>
      <div>
        <TextField
          label="Scopes"
          mono
          optional
          help="What users are asked to allow, separated by commas."
          placeholder="repo,read:user"
          value={values.scopes}
          onChange={(text) => onChange({ ...values, scopes: text.replace(/[\s,]+/g, ',').replace(/^,/, '') })}
        />
        {scopes.length > 0 && (
          <details className="mt-2 text-xs" id={suggestions}>
            <summary className="rounded text-muted hover:text-ink">{scopes.length} scopes of this provider</summary>
            <div className="mt-2 flex flex-wrap gap-1.5">
              {scopes.map((scope) => {
                const on = chosen.includes(scope);
                const next = on ? chosen.filter((each) => each !== scope) : [...chosen, scope];
                return (
                  <button
                    key={scope}
                    type="button"
                    aria-pressed={on}
                    onClick={() => onChange({ ...values, scopes: next.join(',') })}
                    className={`rounded-md border px-1.5 py-0.5 font-mono text-2xs ${on ? 'border-accent/40 bg-accent-soft text-accent' : 'border-line text-muted hover:bg-hover'}`}
                  >
                    {scope}
                  </button>
                );
              })}
            </div>
          </details>
        )}
      </div>
    </>
  );
}

export function CallbackHint({ provider }: { provider: Provider | undefined }) {
  const { env } = useEnvironment();
  const { data } = useQuery(settingsQuery(env));
  const guide = provider?.setup_guide_url;
  return (
    <div className="rounded-lg border border-line bg-sunken/60 px-3 py-2.5">
      <p className="text-muted">
        Register an OAuth app at {provider?.display_name ?? 'the provider'} with this callback URL
        {typeof guide === 'string' && (
          <>
            {' · '}
            <a href={guide} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 text-accent hover:underline">
              How to <ExternalLink aria-hidden className="size-3" />
            </a>
          </>
        )}
      </p>
      <div className="mt-1">
        {data ? <Copyable text={data.callback_url} label="Copy callback URL" /> : <Skeleton className="my-1.5 h-3.5 w-64" />}
      </div>
    </div>
  );
}
