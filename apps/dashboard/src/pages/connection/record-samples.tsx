/** How to read these records from one's own backend. */
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, settingsQuery } from '../../queries.ts';
import { samplesOf } from '../../samples.ts';
import { Samples } from '../../ui/code.tsx';

export function RecordSamples({ of: { key, connectionId }, model }: { of: ConnectionRef; model: string }) {
  const { env, session } = useEnvironment();
  const { data } = useQuery(settingsQuery(env));
  const secret = data?.api_keys[0]?.secret;
  const samples = samplesOf(
    { apiUrl: session.api_url, key: secret ?? 'YOUR_API_KEY' },
    { method: 'GET', path: `/records?model=${model}`, headers: { 'Provider-Config-Key': key, 'Connection-Id': connectionId } },
  );
  return (
    <details className="mt-4">
      <summary className="w-fit rounded text-muted hover:text-ink">Read these from your backend</summary>
      <div className="mt-3 max-w-2xl">
        <Samples samples={samples} secret={secret} />
      </div>
    </details>
  );
}
