/** What a deployment in the activity log changed, with links to the functions, and the way back to how everything was after it. */
import type { FunctionChange, Rollback } from '@bowline/api/history';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useChange } from '../../change.ts';
import { apiOf, wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { deploymentQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/empty.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';

const tones: Record<FunctionChange['change'], BadgeTone> = {
  created: 'good',
  restored: 'good',
  updated: 'accent',
  rolled_back: 'warn',
  deleted: 'bad',
};

export function DeploymentChanges({ number }: { number: number }) {
  const { env } = useEnvironment();
  const { data, error } = useQuery(deploymentQuery(env, number));
  return (
    <section aria-labelledby="deployment">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 id="deployment" className="font-semibold">
          Deployment {number}
        </h3>
        {data && <RollBackAll number={number} />}
      </div>
      {error ? (
        <Notice tone="plain" title={wordsOf(error)} />
      ) : !data ? (
        <Skeleton className="h-24 w-full rounded-lg" />
      ) : (
        <>
          <p className="mb-2 text-sm text-muted">
            {data.deployed_by ? `By ${data.deployed_by.name}. ` : ''}
            {data.target === null ? '' : `Back to how everything was after deployment ${data.target}. `}
            {data.unchanged > 0 ? `${data.unchanged} unchanged.` : ''}
          </p>
          {data.changes.length > 0 && (
            <ul className="divide-y divide-line rounded-lg border border-line">
              {data.changes.map((change) => (
                <Change key={`${change.integration} ${change.type} ${change.name}`} change={change} />
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function Change({ change: { change, integration, name, type, from, to } }: { change: FunctionChange }) {
  const { env } = useEnvironment();
  return (
    <li className="flex flex-wrap items-center gap-2 px-3 py-2 text-sm">
      <Badge tone={tones[change]}>{change.replace('_', ' ')}</Badge>
      <Link
        to="/$env/integrations/$key"
        params={{ env, key: integration }}
        search={{ tab: 'functions', ...(to ? { fn: `${type} ${name}` } : {}) }}
        className="min-w-0 font-medium text-accent [overflow-wrap:anywhere] hover:underline"
      >
        {integration} → {name}
      </Link>
      <span className="text-xs text-muted">
        {[from, to].flatMap((version) => (version ? `version ${version.number}` : [])).join(' → ')}
      </span>
    </li>
  );
}

function RollBackAll({ number }: { number: number }) {
  const { env } = useEnvironment();
  const input = { params: { number }, query: {} };
  const change = useChange({
    run: async () => {
      const { data } = await apiOf(env).history.previewRollBack(input);
      if (data.changes.length === 0) return data;
      const isDeletion = data.changes.some((one) => one.change === 'deleted');
      const question = {
        title: `Roll back to deployment ${number}?`,
        body: bodyOf(data),
        action: isDeletion ? 'Roll back and delete' : 'Roll back',
      };
      if (!(await confirm({ ...question, danger: isDeletion }))) return undefined;
      return (await apiOf(env).history.rollBack(input)).data;
    },
    stale: ['integrations', 'operations'],
    after: (done) => {
      if (done)
        toast.good(done.deployment === null ? 'Everything is like that already' : `Everything is as it was after deployment ${number}`);
    },
  });
  return (
    <Button size="small" busy={change.isPending} onClick={() => change.mutate()}>
      Roll back to this deployment
    </Button>
  );
}

const NAMED_MAX = 8;
const words: [FunctionChange['change'], string][] = [
  ['rolled_back', 'Goes back to another version'],
  ['restored', 'Deleted since, there again'],
  ['deleted', 'New since, deleted with schedules and records'],
];

function bodyOf({ changes, deletedModels }: Rollback): string {
  const sentences = words.flatMap(([kind, what]) => {
    const names = changes.filter(({ change }) => change === kind).map(({ integration, name }) => `${integration}/${name}`);
    const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
    return names.length === 0 ? [] : [`${what}: ${names.slice(0, NAMED_MAX).join(', ')}${more}.`];
  });
  if (deletedModels.length > 0) sentences.push(`No sync keeps ${deletedModels.join(', ')} any more then.`);
  return sentences.join(' ');
}
