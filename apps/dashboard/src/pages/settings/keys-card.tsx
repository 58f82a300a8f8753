/** A card of keys, of the environment or of the account: reveal, copy, make, delete. */
import type { ApiKey } from '@bowline/api/dashboard';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { CreateKey, type KeyKind } from './create-key.tsx';
import { Secret } from './secret.tsx';

export function KeysCard({ keys, kind }: { keys: ApiKey[]; kind: KeyKind }) {
  const [creating, setCreating] = useState(false);
  const remove = useChange({
    run: (key: ApiKey) => kind.remove(key.id),
    stale: [kind.topic],
    said: (_, key) => `${key.display_name} was deleted`,
  });
  const ask = async (key: ApiKey) => {
    const body = 'Whatever still uses it is refused from this moment on.';
    if (await confirm({ title: `Delete the key ${key.display_name}?`, body, action: 'Delete key', danger: true })) remove.mutate(key);
  };
  return (
    <Card
      flush
      title={kind.title}
      about={kind.about}
      actions={
        <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setCreating(true)}>
          Create {kind.noun === 'API key' ? 'key' : kind.noun}
        </Button>
      }
    >
      <div className="border-t border-line">
        {keys.length === 0 ? (
          <p className="px-4 py-4 text-muted sm:px-5">There are none yet.</p>
        ) : (
          <Table label={kind.title} columns={columnsOf(kind, (key) => void ask(key))} rows={keys} keyOf={(key) => String(key.id)} />
        )}
      </div>
      {creating && <CreateKey kind={kind} onClose={() => setCreating(false)} />}
    </Card>
  );
}

const columnsOf = ({ prefix }: KeyKind, onDelete: (key: ApiKey) => void): Column<ApiKey>[] => [
  {
    head: 'Name',
    phone: 'main',
    cell: (key) => (
      <span className="flex min-h-7 flex-wrap items-center gap-2 font-medium [overflow-wrap:anywhere]">
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
        {mayDo(key, prefix)}
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

function mayDo({ scopes }: ApiKey, prefix: string): string {
  if (scopes.includes(`${prefix}*`)) return 'everything';
  return scopes.length === 1 ? '1 scope' : `${scopes.length} scopes`;
}
