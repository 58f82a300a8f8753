/** Making an environment: its name, and whether it is for production. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { sessionQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { SwitchRow } from '../../ui/switch.tsx';

const allowed = /^[a-z0-9_-]*$/;

export function CreateEnvironment({ onClose }: { onClose: () => void }) {
  const { api } = useEnvironment();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [production, setProduction] = useState(false);
  const create = useChange({
    run: () => api.account.createEnvironment({ query: {}, body: { name, is_production: production } }),
    stale: [],
    said: `The environment ${name} was made`,
    quiet: true,
    after: async () => {
      await queryClient.invalidateQueries(sessionQuery);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title="Create environment">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField
          label="Name"
          placeholder="staging"
          value={name}
          onChange={setName}
          help="Lower-case letters, digits, _ and -. It cannot be changed later."
          {...(allowed.test(name) ? {} : { error: 'Use lower-case letters, digits, _ and -' })}
          maxLength={255}
          mono
          autoFocus
        />
        <SwitchRow
          label="For production"
          about="Marked as such in the menu of environments."
          checked={production}
          onChange={setProduction}
        />
        {create.isError && <Notice title={wordsOf(create.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="solid" busy={create.isPending} disabled={name === '' || !allowed.test(name)}>
            Create environment
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
