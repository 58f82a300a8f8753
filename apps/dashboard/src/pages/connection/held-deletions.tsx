/** Deletions that wait for a word: what a sync did not meet any more, and was too much, or too uncertain, to delete by itself. */
import type { HeldDeletions as Held } from '@bowline/api/syncs';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { type ConnectionRef, heldDeletionsQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/empty.tsx';
import { count, Time } from '../../ui/time.tsx';

/** Nothing when nothing waits. */
export function HeldDeletions({ of }: { of: ConnectionRef }) {
  const { env } = useEnvironment();
  const { data } = useQuery(heldDeletionsQuery(env, of));
  return data?.map((held) => <Waiting key={`${held.model} ${held.variant}`} held={held} />);
}

function Waiting({ held }: { held: Held }) {
  const { approve, discard } = useDecisions(held);
  const records = `${count(held.count)} of ${count(held.of)} ${held.model} records`;
  const ask = async () => {
    const yes = await confirm({
      title: `Delete ${records}?`,
      body: 'Your app is told, and reads them as deleted. A record that the provider still has comes back with the next run.',
      action: `Delete ${count(held.count)} records`,
      danger: true,
    });
    if (yes) approve.mutate();
  };
  return (
    <Notice tone="warn" title={`${records} wait to be deleted${held.variant === 'base' ? '' : ` (${held.variant})`}`}>
      <p>
        {reasons[held.reason]} First missed <Time at={held.held_at} />, for example{' '}
        <code className="text-xs">{held.examples.slice(0, 3).join(', ')}</code>.
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button tone="danger" busy={approve.isPending} onClick={() => void ask()}>
          Delete them
        </Button>
        <Button busy={discard.isPending} onClick={() => discard.mutate()}>
          Keep them
        </Button>
      </div>
    </Notice>
  );
}

const reasons: Record<Held['reason'], string> = {
  many_records:
    'A run read everything and did not meet them; that is more than it deletes by itself. Perhaps the provider answered with too little.',
  failed_requests: 'Requests of a run failed and it went on, so it cannot know whether they are gone. A run without failures settles it.',
};

function useDecisions({ provider_config_key, connection_id, model, variant }: Held) {
  const { api } = useEnvironment();
  const body = { provider_config_key, connection_id, model, variant };
  const stale = ['syncs', 'records'];
  return {
    approve: useChange({
      run: () => api.syncs.approveDeletions({ query: {}, body }),
      stale,
      said: ({ deleted }) => `${count(deleted)} ${model} records were deleted`,
    }),
    discard: useChange({ run: () => api.syncs.discardDeletions({ query: {}, body }), stale, said: `The ${model} records stay` }),
  };
}
