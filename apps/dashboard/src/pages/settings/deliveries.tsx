/** What went to an endpoint, newest first, and each attempt of the one that is opened. */
import type { WebhookDelivery } from '@bowline/api/webhook-deliveries';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { deliveriesQuery, deliveryQuery } from '../../queries.ts';
import { Badge, type BadgeTone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SelectField } from '../../ui/field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { duration, Time } from '../../ui/time.tsx';

const tones: Record<WebhookDelivery['state'], BadgeTone> = { pending: 'accent', delivered: 'good', failed: 'bad' };

export function Deliveries({ endpointId }: { endpointId: string }) {
  const { env } = useEnvironment();
  const [state, setState] = useState<'all' | WebhookDelivery['state']>('all');
  const query = useInfiniteQuery(deliveriesQuery(env, { endpoint: endpointId, ...(state === 'all' ? {} : { state }) }));
  const [openId, setOpenId] = useState<string>();
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <section aria-label="Deliveries" className="flex flex-col gap-3">
      <SelectField
        label="Deliveries"
        value={state}
        onChange={(chosen) => setState(chosen === 'pending' || chosen === 'delivered' || chosen === 'failed' ? chosen : 'all')}
        options={[
          ['all', 'All'],
          ['pending', 'Pending'],
          ['delivered', 'Delivered'],
          ['failed', 'Failed'],
        ]}
      />
      {query.error && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {!rows && !query.error && <SkeletonRows />}
      {rows?.length === 0 && <p className="text-muted">There is none.</p>}
      {rows && rows.length > 0 && (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {rows.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                aria-expanded={openId === one.id}
                className="flex w-full cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-left hover:bg-hover/60"
                onClick={() => setOpenId(openId === one.id ? undefined : one.id)}
              >
                <Badge dot tone={tones[one.state]}>
                  {one.last_status ?? one.state}
                </Badge>
                <span className="font-mono text-xs">{one.event}</span>
                {one.connection && <span className="min-w-0 truncate text-xs text-muted">{one.connection}</span>}
                <span className="ml-auto text-xs text-muted">
                  <Time at={one.created_at} />
                </span>
              </button>
              {openId === one.id && <Opened delivery={one} />}
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Earlier ones
        </Button>
      )}
    </section>
  );
}

function Opened({ delivery: { id, state, attempts } }: { delivery: WebhookDelivery }) {
  const { api, env } = useEnvironment();
  const { data } = useQuery(deliveryQuery(env, id, `${state} ${attempts}`));
  const again = useChange({
    run: () => api.webhookDeliveries.redeliver({ params: { id }, query: {} }),
    stale: ['environment'],
    said: 'It is sent again',
  });
  if (!data) return <SkeletonRows />;
  return (
    <div className="flex flex-col gap-3 border-t border-line bg-sunken/40 px-3 py-3">
      <ol className="flex flex-col gap-1.5 text-xs">
        {data.attempts_made.map((one) => (
          <li key={one.at} className="flex flex-wrap gap-x-3 [overflow-wrap:anywhere]">
            <Time at={one.at} />
            <span className="tabular-nums">{duration(one.duration_ms)}</span>
            <span className={one.error ? 'text-bad' : 'text-good'}>{one.error ?? one.status}</span>
            {one.response && <code className="text-muted">{one.response}</code>}
          </li>
        ))}
        {data.next_attempt_at && (
          <li className="text-muted">
            The next attempt is due <Time at={data.next_attempt_at} />
          </li>
        )}
      </ol>
      <Code code={pretty(data.body)} label="Copy body" tall wrap />
      {state !== 'pending' && (
        <div>
          <Button busy={again.isPending} onClick={() => again.mutate()}>
            Send it again
          </Button>
        </div>
      )}
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
