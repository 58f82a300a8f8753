/** One delivery at the side of the list: each attempt with what was answered, its body, and sending it again. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { deliveryQuery } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/card.tsx';
import { Code } from '../../ui/code.tsx';
import { Copyable } from '../../ui/copy.tsx';
import { Sheet } from '../../ui/dialog.tsx';
import { Failed } from '../../ui/empty.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { duration, Time } from '../../ui/time.tsx';
import { DeliveryState } from './state.tsx';

const route = getRouteApi('/$env/deliveries/$id');

export function DeliverySheet() {
  const { api, env } = useEnvironment();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(deliveryQuery(env, id));
  const again = useChange({
    run: () => api.webhookDeliveries.redeliver({ params: { id }, query: {} }),
    stale: ['environment'],
    said: 'It is sent again',
  });
  const close = () => void navigate({ to: '/$env/deliveries', params: { env }, search, resetScroll: false });
  return (
    <Sheet
      open
      onClose={close}
      title={data?.event ?? 'Delivery'}
      about={
        data && (
          <span className="flex items-center gap-2">
            <DeliveryState delivery={data} />
            <Time at={data.created_at} />
          </span>
        )
      }
    >
      {error ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows />
      ) : (
        <div className="flex flex-col gap-5">
          <Facts
            facts={[
              ['Endpoint', <Copyable key="url" text={data.url} />],
              ...(data.connection ? [['Connection', data.connection] as [string, string]] : []),
              ...(data.integration ? [['Integration', data.integration] as [string, string]] : []),
              ['webhook-id', <Copyable key="id" text={data.id} />],
            ]}
          />
          {data.state !== 'pending' && (
            <div>
              <Button busy={again.isPending} onClick={() => again.mutate()}>
                Send again
              </Button>
            </div>
          )}
          <section aria-label="Attempts" className="flex flex-col gap-2">
            <h3 className="font-medium">Attempts</h3>
            <ol className="flex flex-col gap-1.5 text-xs">
              {data.attempts_made.map((one) => (
                <li key={one.at} className="flex flex-wrap gap-x-3 [overflow-wrap:anywhere]">
                  <Time at={one.at} />
                  <span className="tabular-nums">{duration(one.duration_ms)}</span>
                  <span className={one.error ? 'text-bad' : 'text-good'}>{one.error ?? one.status}</span>
                  {one.response && <code className="text-muted">{one.response}</code>}
                </li>
              ))}
              {data.state === 'pending' && (
                <li className="text-muted">
                  {data.next_attempt_at ? (
                    <>
                      The next attempt is due <Time at={data.next_attempt_at} />
                    </>
                  ) : (
                    'It waits for the one before it'
                  )}
                </li>
              )}
            </ol>
          </section>
          <Code code={pretty(data.body)} label="Copy body" tall wrap />
        </div>
      )}
    </Sheet>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
