/** The functions deployed for one integration, whose source opens at the side, and below them those of the catalogue. */
import type { FunctionSummary } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { SquareFunction } from 'lucide-react';
import { useEnvironment } from '../../environment.tsx';
import { functionsQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Code } from '../../ui/code.tsx';
import { Empty, Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { FunctionSheet } from './function-sheet.tsx';
import { functionTones } from './function-tones.ts';
import { Templates } from './templates.tsx';

const route = getRouteApi('/$env/integrations/$key');
const keyOf = ({ type, name }: FunctionSummary) => `${type} ${name}`;

/** @param provider undefined until the integration was read */
export function Functions({ integrationKey, provider }: { integrationKey: string; provider: string | undefined }) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(functionsQuery(env, integrationKey));
  const { fn } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = data?.find((row) => keyOf(row) === fn);
  const choose = (row: FunctionSummary | undefined) =>
    void navigate({ search: (before) => ({ ...before, fn: row && keyOf(row) }), replace: row === undefined, resetScroll: false });
  return (
    <div className="flex flex-col gap-5">
      <Card flush>
        {error ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <SkeletonRows rows={4} />
        ) : data.length === 0 ? (
          <NoFunctions env={env} integrationKey={integrationKey} />
        ) : (
          <Table label="Functions" columns={columnsOf(choose)} rows={data} keyOf={keyOf} />
        )}
        <FunctionSheet integrationKey={integrationKey} chosen={chosen} onClose={() => choose(undefined)} />
      </Card>
      {provider && data && <Templates integrationKey={integrationKey} provider={provider} deployed={data} />}
    </div>
  );
}

const columnsOf = (onChoose: (chosen: FunctionSummary) => void): Column<FunctionSummary>[] => [
  {
    head: 'Function',
    phone: 'main',
    className: 'w-[40%]',
    cell: (row) => (
      <div className="min-w-0">
        <button type="button" onClick={() => onChoose(row)} className="row-link text-left font-medium">
          {row.name}
        </button>
        {row.description && <span className="line-clamp-1 text-xs text-muted">{row.description}</span>}
      </div>
    ),
  },
  { head: 'Type', cell: (row) => <Badge tone={functionTones[row.type]}>{row.type}</Badge> },
  { head: 'Runs', cell: (row) => <span className="text-muted">{row.runs ?? row.event ?? 'when called'}</span> },
  { head: 'Version', phone: 'hide', cell: (row) => <code className="text-xs text-muted">{row.version ?? '—'}</code> },
  {
    head: 'Deployed',
    cell: (row) => (
      <span className="text-muted">
        <Time at={row.last_deployed} />
      </span>
    ),
  },
  {
    head: 'State',
    phone: 'side',
    cell: (row) => (
      <Badge dot tone={row.enabled ? 'good' : 'plain'}>
        {row.enabled ? 'On' : 'Off'}
      </Badge>
    ),
  },
];

function NoFunctions({ env, integrationKey }: { env: string; integrationKey: string }) {
  return (
    <Empty icon={<SquareFunction />} title="No functions yet">
      <p className="mb-4">Write syncs and actions in TypeScript and deploy them with the CLI.</p>
      <Code code={`npx bowline init my-integrations\ncd my-integrations\nnpx bowline deploy ${env}`} label="Copy commands" />
      <p className="mt-2 text-xs text-faint">Functions for this integration go into the folder {integrationKey}.</p>
    </Empty>
  );
}
