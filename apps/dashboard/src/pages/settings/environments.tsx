/** The environments of the account: make one, go to one, delete one with everything in it. */
import type { Session } from '@bowline/api/dashboard';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { sessionQuery } from '../../queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Dot } from '../shell/environment-menu.tsx';
import { CreateEnvironment } from './create-environment.tsx';

type Environment = Session['environments'][number];

export function Environments() {
  const { api, env, session } = useEnvironment();
  const { environments } = session;
  const [creating, setCreating] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const remove = useChange({
    run: (one: Environment) => api.account.deleteEnvironment({ params: { environmentId: one.id }, query: {} }),
    stale: [],
    said: (_, one) => `The environment ${one.name} was deleted`,
    after: async (_, one) => {
      const next = environments.find(({ id }) => id !== one.id);
      // Away first: its pages would only say that it is not there.
      if (one.name === env && next) await navigate({ to: '/$env/settings', params: { env: next.name } });
      await queryClient.invalidateQueries(sessionQuery);
      queryClient.removeQueries({ queryKey: [one.name] });
    },
  });
  const ask = async (one: Environment) => {
    const body = 'Its keys stop working at once. Its integrations, connections, syncs and records are gone for good.';
    const question = { title: `Delete the environment ${one.name}?`, body, action: 'Delete environment', danger: true, typed: one.name };
    if (await confirm(question)) remove.mutate(one);
  };
  return (
    <div id="environments" className="scroll-mt-4">
      <Card
        flush
        title="Environments"
        about="Each has its own integrations, connections and keys."
        actions={
          <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setCreating(true)}>
            Create environment
          </Button>
        }
      >
        <div className="border-t border-line">
          <Table
            label="Environments"
            columns={columnsOf({ current: env, kept: (one) => whyKept(one, environments), onDelete: (one) => void ask(one) })}
            rows={environments}
            keyOf={({ id }) => String(id)}
          />
        </div>
        {creating && <CreateEnvironment onClose={() => setCreating(false)} />}
      </Card>
    </div>
  );
}

/** As the server has it. */
function whyKept({ name }: Environment, all: Environment[]): string | undefined {
  if (name === 'prod') return 'The environment prod cannot be deleted';
  return all.length === 1 ? 'The last environment cannot be deleted' : undefined;
}

type Doing = { current: string; kept: (one: Environment) => string | undefined; onDelete: (one: Environment) => void };

const columnsOf = ({ current, kept, onDelete }: Doing): Column<Environment>[] => [
  {
    head: 'Name',
    phone: 'main',
    cell: ({ name, is_production }) => (
      <span className="flex min-h-7 flex-wrap items-center gap-2">
        <Dot production={is_production} />
        <Link to="/$env" params={{ env: name }} className="row-link font-medium [overflow-wrap:anywhere]">
          {name}
        </Link>
        {is_production && <Badge>production</Badge>}
        {name === current && <Badge tone="accent">shown now</Badge>}
      </span>
    ),
  },
  {
    // What `DELETE /environments/:environmentId` and `POST /environment/api-keys` ask for.
    head: 'ID',
    cell: ({ id, name }) => (
      <span className="relative inline-flex items-center gap-0.5">
        <span className="mr-1 md:hidden">ID</span>
        <code className="text-xs">{id}</code>
        <CopyButton text={String(id)} label={`Copy the ID of ${name}`} />
      </span>
    ),
  },
  {
    head: '',
    phone: 'side',
    align: 'right',
    cell: (one) => (
      <IconButton
        label={kept(one) ?? `Delete environment ${one.name}`}
        disabled={kept(one) !== undefined}
        onClick={() => onDelete(one)}
        className="relative"
      >
        <Trash2 aria-hidden className="size-3.5" />
      </IconButton>
    ),
  },
];
