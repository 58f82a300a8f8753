/** Above the list: select all that are over of those shown, and send the selected again. */
import type { WebhookDelivery } from '@bowline/api/webhook-deliveries';
import { useEffect, useRef } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';

type Selecting = {
  readonly rows: readonly WebhookDelivery[];
  readonly chosen: ReadonlySet<string>;
  readonly choose: (chosen: ReadonlySet<string>) => void;
};
/** Of one call. */
const IDS_MAX = 1_000;

export function SendSelected({ rows, chosen, choose }: Selecting) {
  const { api } = useEnvironment();
  const over = rows.filter(({ state }) => state !== 'pending');
  const picked = over.filter(({ id }) => chosen.has(id));
  const send = useChange({
    run: async () => {
      let count = 0;
      for (const state of ['failed', 'delivered'] as const) {
        const ids = picked.filter((one) => one.state === state).map(({ id }) => id);
        for (let at = 0; at < ids.length; at += IDS_MAX) {
          const body = { state, ids: ids.slice(at, at + IDS_MAX) };
          count += (await api.webhookDeliveries.redeliverMany({ query: {}, body })).data.count;
        }
      }
      return count;
    },
    stale: ['environment'],
    said: (count) => (count === 1 ? 'It is sent again' : `${count} are sent again`),
    after: () => choose(new Set()),
  });
  const ask = async () => {
    const title = picked.length === 1 ? 'Send 1 delivery again?' : `Send ${picked.length} deliveries again?`;
    const body = 'Each goes out with the same body and the same id, so that a receiver that keeps ids knows it.';
    if (await confirm({ title, body, action: 'Send again' })) send.mutate();
  };
  const all = useRef<HTMLInputElement>(null);
  const some = picked.length > 0 && picked.length < over.length;
  useEffect(() => {
    if (all.current) all.current.indeterminate = some;
  }, [some]);
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-3 border-b border-line px-4 py-1.5 text-sm sm:px-5">
      <label className="flex cursor-pointer items-center gap-3">
        <input
          ref={all}
          type="checkbox"
          className="size-4 accent-(--accent)"
          disabled={over.length === 0}
          checked={over.length > 0 && picked.length === over.length}
          onChange={({ target }) => choose(new Set(target.checked ? over.map(({ id }) => id) : []))}
        />
        Select all shown
      </label>
      <span role="status" className="text-muted">
        {picked.length > 0 && `${picked.length} selected`}
      </span>
      {picked.length > 0 && (
        <Button size="small" className="ml-auto" busy={send.isPending} onClick={() => void ask()}>
          Send selected again
        </Button>
      )}
    </div>
  );
}
