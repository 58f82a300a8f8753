/** The API keys of the environment: reveal, copy, make, delete. */
import type { EnvironmentSettings } from '@bowline/api/dashboard';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { CreateKey } from './create-key.tsx';
import { Secret } from './secret.tsx';

type ApiKey = EnvironmentSettings['api_keys'][number];

export function ApiKeys({ keys }: { keys: ApiKey[] }) {
  const { api } = useEnvironment();
  const [creating, setCreating] = useState(false);
  const remove = useChange({
    run: (key: ApiKey) => api.dashboard.deleteApiKey({ params: { id: key.id }, query: {} }),
    stale: ['environment'],
    said: (_, key) => `${key.display_name} was deleted`,
  });
  const ask = async (key: ApiKey) => {
    const body = 'Whatever still uses it is refused from this moment on.';
    if (await confirm({ title: `Delete the key ${key.display_name}?`, body, action: 'Delete key', danger: true })) remove.mutate(key);
  };
  return (
    <Card
      flush
      title="API keys"
      about="Your backend sends one as “Authorization: Bearer …”. Keep them out of browsers."
      actions={
        <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setCreating(true)}>
          Create key
        </Button>
      }
    >
      <div className="border-t border-line">
        <Table label="API keys" columns={columnsOf((key) => void ask(key))} rows={keys} keyOf={(key) => String(key.id)} />
      </div>
      {creating && <CreateKey onClose={() => setCreating(false)} />}
    </Card>
  );
}

const columnsOf = (onDelete: (key: ApiKey) => void): Column<ApiKey>[] => [
  {
    head: 'Name',
    phone: 'main',
    cell: (key) => (
      <span className="flex flex-wrap items-center gap-2 font-medium">
        {key.display_name}
        {key.source === 'config' && <Badge>from configuration</Badge>}
      </span>
    ),
  },
  { head: 'Key', cell: (key) => <Secret value={key.secret} name={`key ${key.display_name}`} /> },
  {
    head: 'May do',
    phone: 'hide',
    cell: (key) => (
      <span className="text-muted" title={key.scopes.join('\n')}>
        {key.scopes.length === 0 || key.scopes.includes('environment:*') ? 'everything' : `${key.scopes.length} scopes`}
      </span>
    ),
  },
  {
    head: 'Last used',
    cell: (key) => <span className="text-muted">{key.last_used_at ? <Time at={key.last_used_at} /> : 'never used'}</span>,
  },
  {
    head: '',
    phone: 'side',
    align: 'right',
    cell: (key) => (
      <IconButton
        label={key.source === 'config' ? `${key.display_name} is set by configuration` : `Delete key ${key.display_name}`}
        disabled={key.source === 'config'}
        onClick={() => onDelete(key)}
      >
        <Trash2 aria-hidden className="size-3.5" />
      </IconButton>
    ),
  },
];
