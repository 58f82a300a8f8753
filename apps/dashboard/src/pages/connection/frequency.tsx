/** How often a sync runs for this connection; a value of its own can be given, and taken back. */
import type { SyncDetail } from '@bowline/api/dashboard';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';

const suggestions = ['every 30 seconds', 'every 5 minutes', 'every hour', 'every day'];

export function Frequency({ sync }: { sync: SyncDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <span className="flex flex-wrap items-center gap-1">
      {sync.frequency}
      {sync.frequency_is_own && <Badge>own</Badge>}
      <IconButton label={`Change the frequency of ${sync.name}`} className="-my-1 size-6" onClick={() => setOpen(true)}>
        <Pencil aria-hidden className="size-3" />
      </IconButton>
      {open && <Edit sync={sync} onClose={() => setOpen(false)} />}
    </span>
  );
}

function Edit({ sync, onClose }: { sync: SyncDetail; onClose: () => void }) {
  const { api } = useEnvironment();
  const [text, setText] = useState(sync.frequency);
  const save = useChange({
    run: (frequency: string | null) =>
      api.syncs.frequency({
        query: {},
        body: {
          sync_name: sync.name,
          sync_variant: sync.variant,
          provider_config_key: sync.provider_config_key,
          connection_id: sync.connection_id,
          frequency,
        },
      }),
    stale: ['syncs'],
    said: 'The frequency was changed',
    quiet: true,
    after: onClose,
  });
  return (
    <Dialog open onClose={onClose} title="Frequency" about={`How often ${sync.name} runs for this connection.`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(text);
        }}
      >
        <TextField label="Run" value={text} onChange={setText} help="At least 30 seconds, such as “every 10 minutes” or “every 2h”." />
        <div className="flex flex-wrap gap-1.5">
          {suggestions.map((each) => (
            <Button key={each} size="small" onClick={() => setText(each)}>
              {each}
            </Button>
          ))}
        </div>
        {save.isError && <Notice title={wordsOf(save.error)} />}
        <div className="flex justify-end gap-2">
          {sync.frequency_is_own && (
            <Button className="mr-auto" onClick={() => save.mutate(null)}>
              Use the function’s
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="solid" busy={save.isPending} disabled={text.trim() === ''}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
