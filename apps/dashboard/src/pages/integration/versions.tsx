/** The versions of one function: who deployed them when, how their source differs from what runs, and the way back. */
import type { FunctionVersion } from '@bowline/api/history';
import type { FunctionSummary } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { apiOf, wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { functionCodeQuery, functionVersionsQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Diff } from '../../ui/diff.tsx';
import { Notice } from '../../ui/empty.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';

type Of = { integrationKey: string; fn: FunctionSummary };

export function Versions({ integrationKey, fn }: Of) {
  const { env } = useEnvironment();
  const { data, error } = useQuery(functionVersionsQuery(env, integrationKey, fn));
  return (
    <section aria-labelledby="versions">
      <h3 id="versions" className="mb-2 font-semibold">
        Versions
      </h3>
      {error ? (
        <Notice tone="plain" title={wordsOf(error)} />
      ) : !data ? (
        <Skeleton className="h-24 w-full rounded-lg" />
      ) : (
        <ol className="divide-y divide-line rounded-lg border border-line">
          {data.map((version) => (
            <Version key={version.number} integrationKey={integrationKey} fn={fn} version={version} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Version({ integrationKey, fn, version }: Of & { version: FunctionVersion }) {
  const [isCompared, setCompared] = useState(false);
  const { number, current, code_kept, deployed_by, deployment, created_at } = version;
  return (
    <li className="flex flex-col gap-3 p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-52">
          <div className="flex flex-wrap items-center gap-2">
            <span className="font-medium">Version {number}</span>
            <Badge mono>{version.version}</Badge>
            {current && (
              <Badge tone="good" dot>
                Runs
              </Badge>
            )}
          </div>
          <p className="mt-0.5 text-xs text-muted [overflow-wrap:anywhere]">
            <Time at={created_at} /> {deployed_by ? `by ${deployed_by.name}` : ''} · deployment {deployment} ·{' '}
            <code>{version.code_hash}</code>
          </p>
        </div>
        {!current && !code_kept && <span className="text-xs text-muted">Its code is no longer kept</span>}
        {!current && code_kept && (
          <div className="flex flex-wrap gap-2">
            <Button size="small" aria-expanded={isCompared} onClick={() => setCompared(!isCompared)}>
              {isCompared ? 'Hide changes' : 'Compare'}
            </Button>
            <RollBack integrationKey={integrationKey} fn={fn} version={version} />
          </div>
        )}
      </div>
      {isCompared && <Comparison integrationKey={integrationKey} fn={fn} number={number} />}
    </li>
  );
}

/** What going back would do to the source: minus goes, plus comes. */
function Comparison({ integrationKey, fn, number }: Of & { number: number }) {
  const { env } = useEnvironment();
  const now = useQuery(functionCodeQuery(env, integrationKey, fn.name, fn.type));
  const then = useQuery(functionCodeQuery(env, integrationKey, fn.name, fn.type, number));
  const error = now.error ?? then.error;
  if (error) return <Notice tone="plain" title={wordsOf(error)} />;
  if (!now.data || !then.data) return <Skeleton className="h-32 w-full rounded-lg" />;
  return <Diff from={wholeOf(now.data)} to={wholeOf(then.data)} label={`Changes of going back to version ${number}`} />;
}

/** With the files it imports, each under its name. */
const wholeOf = ({ code, files = {} }: { code: string; files?: Record<string, string> | undefined }) =>
  [code, ...Object.entries(files).map(([path, text]) => `\n// ${path}\n${text}`)].join('\n');

function RollBack({ integrationKey, fn, version }: Of & { version: FunctionVersion }) {
  const { env } = useEnvironment();
  const params = { uniqueKey: integrationKey, name: fn.name };
  const body = { type: fn.type, version: version.number };
  const change = useChange({
    run: async () => {
      const { data } = await apiOf(env).history.previewRollBackFunction({ params, query: {}, body });
      const lost = data.deletedModels.length > 0 ? ` No sync keeps ${data.deletedModels.join(', ')} any more then.` : '';
      const question = {
        title: `Roll back to version ${version.number}?`,
        body: `${fn.name} runs version ${version.number} (${version.version}) from its next run on. What runs now ends with the code it started with, and the next deployment of this function replaces it.${lost}`,
        action: 'Roll back',
        danger: lost !== '',
      };
      if (!(await confirm(question))) return undefined;
      return (await apiOf(env).history.rollBackFunction({ params, query: {}, body })).data;
    },
    stale: ['integrations', 'operations'],
    after: (done) => done && toast.good(`${fn.name} is back at version ${version.number}`),
  });
  return (
    <Button size="small" busy={change.isPending} onClick={() => change.mutate()}>
      Roll back
    </Button>
  );
}
