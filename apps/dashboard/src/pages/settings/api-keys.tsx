/** The API keys of the environment, which its backends send. */
import type { ApiKey } from '@bowline/api/dashboard';
import { scopes } from '@bowline/api/scopes';
import { useEnvironment } from '../../environment.tsx';
import { KeysCard } from './keys-card.tsx';

export function ApiKeys({ keys }: { keys: ApiKey[] }) {
  const { api } = useEnvironment();
  return (
    <KeysCard
      keys={keys}
      kind={{
        title: 'API keys',
        about: 'Your backend sends one as “Authorization: Bearer …”. Keep them out of browsers.',
        noun: 'API key',
        scopes,
        prefix: 'environment:',
        topic: 'environment',
        create: (body) => api.dashboard.createApiKey({ query: {}, body }),
        remove: (id) => api.dashboard.deleteApiKey({ params: { id }, query: {} }),
      }}
    />
  );
}
