/** Making an API key: its name and, when it should not do everything, what it may do. */
import { scopes } from '@bowline/api/scopes';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';

export function CreateKey({ onClose }: { onClose: () => void }) {
  const { api } = useEnvironment();
  const [name, setName] = useState('');
  const [limited, setLimited] = useState('all');
  const [granted, setGranted] = useState<string[]>([]);
  const create = useChange({
    run: () => api.dashboard.createApiKey({ query: {}, body: { display_name: name, ...(limited === 'some' ? { scopes: granted } : {}) } }),
    stale: ['environment'],
    said: 'The key was made; copy it from the list',
    quiet: true,
    after: onClose,
  });
  const toggle = (scope: string) => setGranted(granted.includes(scope) ? granted.filter((each) => each !== scope) : [...granted, scope]);
  return (
    <Dialog open onClose={onClose} title="Create API key">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField label="Name" placeholder="Backend" value={name} onChange={setName} autoFocus />
        <SelectField
          label="May do"
          value={limited}
          onChange={setLimited}
          options={[
            ['all', 'Everything'],
            ['some', 'Only what I choose'],
          ]}
        />
        {limited === 'some' && (
          <fieldset className="flex max-h-56 flex-col gap-1 overflow-y-auto rounded-lg border border-line p-2.5">
            <legend className="sr-only">Scopes</legend>
            {scopes.map((scope) => (
              <label key={scope} className="flex cursor-pointer items-center gap-2 font-mono text-xs">
                <input type="checkbox" className="accent-(--accent)" checked={granted.includes(scope)} onChange={() => toggle(scope)} />
                {scope.replace('environment:', '')}
              </label>
            ))}
          </fieldset>
        )}
        {create.isError && <Notice title={wordsOf(create.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            tone="solid"
            busy={create.isPending}
            disabled={name.trim() === '' || (limited === 'some' && granted.length === 0)}
          >
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
