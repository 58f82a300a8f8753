/** The functions that the catalogue has for the provider of an integration: switched on and off here, without a project. */
import type { Template } from '@bowline/api/deployments';
import type { FunctionSummary } from '@bowline/api/integrations';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { apiOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { templatesQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Failed } from '../../ui/empty.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { functionTones } from './function-tones.ts';

type TemplatesProps = { integrationKey: string; provider: string; deployed: readonly FunctionSummary[] };
type Row = { template: Template; deployed: FunctionSummary | undefined };
const isSame = (one: Pick<Template, 'type' | 'name'>, other: Pick<FunctionSummary, 'type' | 'name'>) =>
  one.type === other.type && one.name === other.name;

/** Nothing where the catalogue has nothing for the provider. */
export function Templates({ integrationKey, provider, deployed }: TemplatesProps) {
  const { env } = useEnvironment();
  const { data, error, refetch } = useQuery(templatesQuery(env, provider));
  if (!error && !data?.length) return null;
  const rows = (data ?? []).map((template) => ({ template, deployed: deployed.find((fn) => isSame(template, fn)) }));
  return (
    <Card
      flush
      title="Ready to use"
      about={`Functions that come with Bowline. Switch one on and it runs as it is. To change it, take its source into a project: npx bowline pull ${integrationKey} <name>`}
    >
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <Table label="Functions ready to use" columns={columnsOf(integrationKey)} rows={rows} keyOf={keyOf} />
      )}
    </Card>
  );
}

const keyOf = ({ template: { type, name } }: Row) => `${type} ${name}`;

const columnsOf = (integrationKey: string): Column<Row>[] => [
  {
    head: 'Function',
    phone: 'main',
    className: 'w-[40%]',
    cell: ({ template: { name, description } }) => (
      <div className="min-w-0">
        <span className="font-medium">{name}</span>
        {description && <span className="line-clamp-2 text-xs text-muted">{description}</span>}
      </div>
    ),
  },
  { head: 'Type', cell: ({ template: { type } }) => <Badge tone={functionTones[type]}>{type}</Badge> },
  { head: 'Runs', cell: ({ template: { runs } }) => <span className="text-muted">{runs || 'when called'}</span> },
  {
    head: 'Scopes',
    cell: ({ template: { scopes } }) =>
      scopes?.length ? <code className="text-xs text-muted [overflow-wrap:anywhere]">{scopes.join(', ')}</code> : null,
  },
  { head: '', phone: 'side', align: 'right', cell: (row) => <State integrationKey={integrationKey} row={row} /> },
];

/** What a project deployed under the same name is not the catalogue's to switch off. */
function State({ integrationKey, row: { template, deployed } }: { integrationKey: string; row: Row }) {
  if (!deployed) return <SwitchOn integrationKey={integrationKey} template={template} />;
  if (deployed.source !== 'catalog') return <Badge>{deployed.source === 'repo' ? 'From your project' : 'Your own'}</Badge>;
  return (
    <span className="inline-flex items-center gap-2">
      <Badge dot tone="good">
        On
      </Badge>
      <SwitchOff integrationKey={integrationKey} template={template} />
    </span>
  );
}

type OfTemplate = { integrationKey: string; template: Template };

function SwitchOn({ integrationKey, template: { type, name } }: OfTemplate) {
  const { env } = useEnvironment();
  const { mutate, isPending } = useChange({
    run: () =>
      apiOf(env).deployments.start({
        query: {},
        body: { type: 'template', integration_id: integrationKey, template: name, function_type: type },
      }),
    stale: ['integrations', 'syncs'],
    said: `${name} is on`,
  });
  return (
    <Button size="small" busy={isPending} onClick={() => mutate()} aria-label={`Switch on the ${type} ${name}`}>
      Switch on
    </Button>
  );
}

function SwitchOff({ integrationKey, template: { type, name } }: OfTemplate) {
  const { env } = useEnvironment();
  const { mutate, isPending } = useChange({
    run: () => apiOf(env).functions.remove({ params: { uniqueKey: integrationKey, name }, query: { type } }),
    stale: ['integrations', 'syncs', 'records'],
    said: `${name} is off`,
  });
  const ask = async () => {
    const body =
      type === 'sync'
        ? 'It stops running on every connection, and the records it keeps are deleted.'
        : 'Calls of it fail from now on. It can be switched on again.';
    if (await confirm({ title: `Switch off ${name}?`, body, action: 'Switch off', danger: true })) mutate();
  };
  return (
    <Button size="small" tone="bare" busy={isPending} onClick={() => void ask()} aria-label={`Switch off the ${type} ${name}`}>
      Switch off
    </Button>
  );
}
