/** The keys of the account, with which scripts make and delete environments and their API keys. */
import { accountScopes } from '@bowline/api/scopes';
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { accountKeysQuery } from '../../queries.ts';
import { Card } from '../../ui/card.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import type { KeyKind } from './create-key.tsx';
import { KeysCard } from './keys-card.tsx';

export function AccountKeys() {
  const { api, env } = useEnvironment();
  const { data: keys, error, refetch } = useQuery(accountKeysQuery(env));
  const kind: KeyKind = {
    title: 'Account keys',
    about: 'Scripts make and delete environments and their API keys with one. It sees nothing that is in an environment.',
    noun: 'account key',
    scopes: accountScopes,
    prefix: 'account:',
    topic: 'account-keys',
    create: (body) => api.dashboard.createAccountKey({ query: {}, body }),
    remove: (id) => api.dashboard.deleteAccountKey({ params: { id }, query: {} }),
  };
  if (keys) return <KeysCard keys={keys} kind={kind} />;
  return (
    <Card flush title={kind.title}>
      {error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows />}
    </Card>
  );
}
