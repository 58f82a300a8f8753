/** One deployed function: what it is and its source. */
import type { FunctionSummary } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { functionCodeQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Facts } from '../../ui/card.tsx';
import { Code, Json } from '../../ui/code.tsx';
import { Sheet } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Time } from '../../ui/time.tsx';
import { Versions } from './versions.tsx';

type SheetProps = { integrationKey: string; chosen: FunctionSummary | undefined; onClose: () => void };

export function FunctionSheet({ integrationKey, chosen, onClose }: SheetProps) {
  if (!chosen) return null;
  const facts: [string, ReactNode][] = [
    ['Type', <Badge key="type">{chosen.type}</Badge>],
    ['Runs', chosen.runs ?? chosen.event ?? 'when called'],
    ['Version', <code key="version">{chosen.version ?? '—'}</code>],
    ['Deployed', <Time key="deployed" at={chosen.last_deployed} />],
  ];
  if (chosen.input) facts.push(['Input', <code key="input">{chosen.input}</code>]);
  if (chosen.returns?.length)
    facts.push([chosen.type === 'sync' ? 'Models' : 'Returns', <code key="returns">{chosen.returns.join(', ')}</code>]);
  if (chosen.scopes?.length) facts.push(['Scopes', <code key="scopes">{chosen.scopes.join(', ')}</code>]);
  return (
    <Sheet open onClose={onClose} title={chosen.name} about={chosen.description}>
      <div className="flex flex-col gap-6">
        <Facts facts={facts} />
        <Versions integrationKey={integrationKey} fn={chosen} />
        <Source integrationKey={integrationKey} chosen={chosen} />
        {chosen.json_schema !== undefined && chosen.json_schema !== null && (
          <section>
            <h3 className="mb-2 font-semibold">JSON schema</h3>
            <Json value={chosen.json_schema} />
          </section>
        )}
      </div>
    </Sheet>
  );
}

function Source({ integrationKey, chosen }: { integrationKey: string; chosen: FunctionSummary }) {
  const { env } = useEnvironment();
  const { data, error } = useQuery(functionCodeQuery(env, integrationKey, chosen.name, chosen.type));
  return (
    <section>
      <h3 className="mb-2 font-semibold">Source</h3>
      {error ? (
        <Notice tone="plain" title={wordsOf(error)} />
      ) : data ? (
        <Code code={data.code} tall />
      ) : (
        <Skeleton className="h-64 w-full rounded-lg" />
      )}
    </section>
  );
}
