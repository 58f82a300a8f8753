/** Adding an endpoint: where it is, and which events it gets. */
import { defaultEvents, webhookEventNames, webhookEvents } from '@bowline/api/webhook-events';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/empty.tsx';
import { TextField } from '../../ui/field.tsx';
import { SwitchRow } from '../../ui/switch.tsx';

export function CreateEndpoint({ onClose }: { onClose: () => void }) {
  const { api } = useEnvironment();
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [events, setEvents] = useState<readonly string[]>(defaultEvents);
  const [ordered, setOrdered] = useState(false);
  const create = useChange({
    run: () => api.webhookEndpoints.create({ query: {}, body: { url, description, events: [...events], ordered } }),
    stale: ['environment'],
    said: 'The endpoint was added; its secret is in its details',
    quiet: true,
    after: onClose,
  });
  const toggle = (name: string) => setEvents(events.includes(name) ? events.filter((each) => each !== name) : [...events, name]);
  return (
    <Dialog open onClose={onClose} title="Add a webhook endpoint" size="wide">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField mono autoFocus label="Address" placeholder="https://app.example.com/hooks" value={url} onChange={setUrl} />
        <TextField optional label="What it is for" placeholder="The billing service" value={description} onChange={setDescription} />
        <fieldset className="flex max-h-64 flex-col gap-1.5 overflow-y-auto rounded-lg border border-line p-2.5">
          <legend className="sr-only">Events</legend>
          {webhookEventNames
            .filter((name) => name !== 'webhook.test')
            .map((name) => (
              <label key={name} className="flex cursor-pointer items-baseline gap-2">
                <input type="checkbox" className="accent-(--accent)" checked={events.includes(name)} onChange={() => toggle(name)} />
                <span className="font-mono text-xs">{name}</span>
                <span className="hidden min-w-0 text-xs text-muted sm:inline">{webhookEvents[name]}</span>
              </label>
            ))}
        </fieldset>
        <SwitchRow
          label="Strict order"
          about="One delivery of a connection at a time: one that fails holds up those of its connection."
          checked={ordered}
          onChange={setOrdered}
        />
        {create.isError && <Notice title={wordsOf(create.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="solid" busy={create.isPending} disabled={!/^https?:\/\/\S+$/.test(url) || events.length === 0}>
            Add endpoint
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
