/** One endpoint: how it fares, its secret, and the way to what went there. */
import type { WebhookEndpoint } from '@bowline/api/webhook-endpoints';
import { Link } from '@tanstack/react-router';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { confirm } from '../../ui/confirm.tsx';
import { Sheet } from '../../ui/dialog.tsx';
import { Time } from '../../ui/time.tsx';
import { EndpointSecret } from './endpoint-secret.tsx';
import { EndpointState } from './endpoint-state.tsx';

export function EndpointSheet({ endpoint, onClose }: { endpoint: WebhookEndpoint; onClose: () => void }) {
  return (
    <Sheet open onClose={onClose} title={endpoint.url} about={endpoint.description || undefined}>
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
          <EndpointState endpoint={endpoint} />
          {endpoint.waiting > 0 && <span>{endpoint.waiting} waiting</span>}
          {endpoint.failing_since && (
            <span>
              fails since <Time at={endpoint.failing_since} />
            </span>
          )}
          {endpoint.disabled_reason === 'gone' && <span>it answered 410 Gone</span>}
        </div>
        <Actions endpoint={endpoint} onClose={onClose} />
        {endpoint.kind === 'own' && (
          <>
            <p className="text-xs text-muted [overflow-wrap:anywhere]">
              <span className="font-medium text-ink">Events</span> {endpoint.events.join(', ')}
              {endpoint.integrations && ` of ${endpoint.integrations.join(', ')}`}
              {endpoint.ordered && ', in strict order'}
            </p>
            <EndpointSecret id={endpoint.id} />
          </>
        )}
      </div>
    </Sheet>
  );
}

function Actions({ endpoint: { id, kind, state, enabled }, onClose }: { endpoint: WebhookEndpoint; onClose: () => void }) {
  const { api, env } = useEnvironment();
  const one = { params: { id }, query: {} };
  const test = useChange({ run: () => api.webhookEndpoints.test(one), stale: ['environment'], said: 'A test event is on its way' });
  const resume = useChange({ run: () => api.webhookEndpoints.resume(one), stale: ['environment'], said: 'It is tried again at once' });
  const enable = useChange({
    run: () => api.webhookEndpoints.update({ ...one, body: { enabled: !enabled } }),
    stale: ['environment'],
    said: enabled ? 'It gets nothing any more' : 'It gets events again',
  });
  const remove = useChange({
    run: () => api.webhookEndpoints.remove(one),
    stale: ['environment'],
    said: 'The endpoint was deleted',
    after: onClose,
  });
  const ask = async () => {
    const body = 'What waits for it is given up, and its deliveries are not listed any more.';
    if (await confirm({ title: 'Delete the endpoint?', body, action: 'Delete it', danger: true })) remove.mutate();
  };
  return (
    <div className="flex flex-wrap gap-2">
      {state === 'paused' && (
        <Button tone="solid" busy={resume.isPending} onClick={() => resume.mutate()}>
          Try again now
        </Button>
      )}
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        Send a test event
      </Button>
      <Link to="/$env/deliveries" params={{ env }} search={{ endpoint: id }} className={buttonClass('outline')}>
        Its deliveries
      </Link>
      {kind === 'own' && (
        <>
          <Button busy={enable.isPending} onClick={() => enable.mutate()}>
            {enabled ? 'Disable' : 'Enable'}
          </Button>
          <Button tone="danger" busy={remove.isPending} onClick={() => void ask()}>
            Delete
          </Button>
        </>
      )}
    </div>
  );
}
