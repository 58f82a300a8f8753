/** The first connection: by hand here, or by one's users through the API. */
import { useQuery } from '@tanstack/react-query';
import { Cable } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { settingsQuery } from '../../queries.ts';
import { samplesOf } from '../../samples.ts';
import { Samples } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';
import { AddConnection } from './add.tsx';

export function NoConnections({ integration }: { integration: string | undefined }) {
  const { env, session } = useEnvironment();
  const { data } = useQuery(settingsQuery(env));
  const key = data?.api_keys[0]?.secret ?? 'YOUR_API_KEY';
  const samples = samplesOf(
    { apiUrl: session.api_url, key },
    {
      method: 'POST',
      path: '/connect/sessions',
      body: { end_user: { id: 'user-1', display_name: 'Ada Lovelace' }, ...(integration ? { allowed_integrations: [integration] } : {}) },
    },
  );
  return (
    <div className="pb-6">
      <Empty icon={<Cable />} title="Make the first connection" action={<AddConnection />}>
        Connect an account by hand, or let your users do it: your backend makes a connect session and hands its token to the browser.
      </Empty>
      <div className="mx-auto max-w-2xl px-4">
        <Samples samples={samples} secret={data?.api_keys[0]?.secret} />
      </div>
    </div>
  );
}
