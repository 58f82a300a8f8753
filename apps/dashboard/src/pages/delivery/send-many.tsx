/** Sends all again that the filters fit: says how many these are before, and how far it is afterwards. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { wordsOf } from '../../client.ts';
import { useEnvironment } from '../../environment.tsx';
import { type DeliveryFilter, deliveryCountsQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SelectField } from '../../ui/field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { count } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';

type Over = 'failed' | 'delivered';
type Counts = { readonly pending: number; readonly delivered: number; readonly failed: number; readonly more: boolean };
/** `before`: when it began. `isAll`: every one was asked for. */
type Sent = { readonly state: Over; readonly before: Counts; readonly count: number; readonly isAll: boolean };

const LOOK_MS = 2_000;

export function SendMany({ filter: { state: wanted, ...given }, onClose }: { filter: DeliveryFilter; onClose: () => void }) {
  const { api, env } = useEnvironment();
  // What happens from now on is none of them.
  const [filter] = useState<DeliveryFilter>({ ...given, to: given.to ?? new Date().toISOString() });
  const [state, setState] = useState<Over>(wanted === 'delivered' ? 'delivered' : 'failed');
  const [sent, setSent] = useState<Sent>();
  const counts = useQuery(deliveryCountsQuery(env, filter, { everyMs: sent ? LOOK_MS : false }));
  const send = async (before: Counts) => {
    let done: Sent = { state, before, count: 0, isAll: false };
    setSent(done);
    try {
      for (let cursor: string | null = ''; cursor !== null; ) {
        const body = { ...filter, state, ...(cursor ? { cursor } : {}) };
        const { data }: Awaited<ReturnType<typeof api.webhookDeliveries.redeliverMany>> = await api.webhookDeliveries.redeliverMany({
          query: {},
          body,
        });
        cursor = data.next_cursor;
        done = { ...done, count: done.count + data.count, isAll: cursor === null };
        setSent(done);
      }
    } catch (error) {
      toast.bad(`${wordsOf(error)} ${done.count} are sent again all the same.`);
      setSent(done.count > 0 ? { ...done, isAll: true } : undefined);
    }
    void counts.refetch();
  };
  return (
    <Dialog open onClose={onClose} title="Send many again" about={describe(filter)}>
      {counts.error ? (
        <Failed error={counts.error} onRetry={() => void counts.refetch()} />
      ) : !counts.data ? (
        <SkeletonRows rows={2} />
      ) : sent ? (
        <Progress sent={sent} now={counts.data} onClose={onClose} />
      ) : (
        <Ask counts={counts.data} state={state} onState={setState} onSend={() => void send(counts.data)} onClose={onClose} />
      )}
    </Dialog>
  );
}

type Asking = { counts: Counts; state: Over; onState: (state: Over) => void; onSend: () => void; onClose: () => void };

function Ask({ counts, state, onState, onSend, onClose }: Asking) {
  const number = `${counts.more ? 'more than ' : ''}${count(counts[state])}`;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <SelectField
        label="Which"
        value={state}
        onChange={(value) => onState(value === 'delivered' ? 'delivered' : 'failed')}
        options={[
          ['failed', `Those that failed: ${count(counts.failed)}`],
          ['delivered', `Those that arrived: ${count(counts.delivered)}`],
        ]}
        help="Each with the same body and the same id, the oldest first. Those that are pending go on as they are."
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="solid" disabled={counts[state] === 0}>
          {counts[state] === 0 ? 'There is none' : `Send ${number} again`}
        </Button>
      </div>
    </form>
  );
}

function Progress({ sent, now, onClose }: { sent: Sent; now: Counts; onClose: () => void }) {
  const waiting = Math.min(sent.count, Math.max(0, now.pending - sent.before.pending));
  const failed = Math.max(0, now.failed - (sent.before.failed - (sent.state === 'failed' ? sent.count : 0)));
  const done = sent.count - waiting;
  return (
    <div className="flex flex-col gap-4">
      <progress
        aria-label="Deliveries that ended"
        className="h-2 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
        max={Math.max(1, sent.count)}
        value={sent.isAll ? done : 0}
      />
      <p role="status">
        {!sent.isAll
          ? `${count(sent.count)} are on their way so far.`
          : waiting > 0
            ? `${count(done)} of ${count(sent.count)} have ended, ${count(waiting)} wait for their turn or for another attempt.`
            : `All ${count(sent.count)} have ended: ${count(sent.count - failed)} arrived, ${count(failed)} failed.`}
      </p>
      {sent.isAll && waiting > 0 && <p className="text-sm text-muted">You can close this: they are sent whether you look or not.</p>}
      <div className="flex justify-end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </div>
  );
}

/** The filters in words, so that nobody sends more than they think. */
function describe({ event, endpoint, integration, connection, from, to }: DeliveryFilter): string {
  const parts = [
    event ?? 'Any event',
    connection && `of connection ${connection}`,
    integration && `of integration ${integration}`,
    endpoint && 'to the chosen endpoint',
    from && `from ${new Date(from).toLocaleString()}`,
    to && `until ${new Date(to).toLocaleString()}`,
  ];
  return parts.filter(Boolean).join(', ');
}
