/** Making a key: its name and, when it should not do everything, what it may do. */
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';

type NewKey = { display_name: string; scopes?: string[] };
/** What differs between the two kinds. */
export type KeyKind = {
  title: string;
  about: string;
  /** Names one key: `API key`. */
  noun: string;
  /** All there is to grant. */
  scopes: readonly string[];
  /** Stands before every scope, and grants all of them with a star. */
  prefix: string;
  /** Topic of the query that lists them. */
  topic: string;
  create: (key: NewKey) => Promise<unknown>;
  remove: (id: number) => Promise<unknown>;
};

export function CreateKey({ kind, onClose }: { kind: KeyKind; onClose: () => void }) {
  const [name, setName] = useState('');
  const [limited, setLimited] = useState('all');
  const [granted, setGranted] = useState<string[]>([]);
  const create = useChange({
    run: () => kind.create({ display_name: name, ...(limited === 'some' ? { scopes: granted } : {}) }),
    stale: [kind.topic],
    said: 'The key was made; copy it from the list',
    quiet: true,
    after: onClose,
  });
  const toggle = (scope: string) => setGranted(granted.includes(scope) ? granted.filter((each) => each !== scope) : [...granted, scope]);
  return (
    <Dialog open onClose={onClose} title={`Create ${kind.noun}`}>
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
            {kind.scopes.map((scope) => (
              <label key={scope} className="flex cursor-pointer items-center gap-2 font-mono text-xs">
                <input type="checkbox" className="accent-(--accent)" checked={granted.includes(scope)} onChange={() => toggle(scope)} />
                {scope.replace(kind.prefix, '')}
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
