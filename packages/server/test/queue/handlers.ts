import type { Handlers } from '../../src/queue/task.ts';

const unexpected = async () => {
  throw new Error('no test enqueues this');
};

/** A total table from the handlers a test is about. */
export function handlersWith(handlers: Partial<Handlers>): Handlers {
  return {
    event: unexpected,
    'sync-removed': unexpected,
    'sync-retry': unexpected,
    'action-run': unexpected,
    'deploy-function': unexpected,
    'dry-run': unexpected,
    deliver: unexpected,
    'post-connection': unexpected,
    subscription: unexpected,
    'ensure-subscriptions': unexpected,
    'on-event-run': unexpected,
    'webhooks-route': unexpected,
    'webhook-run': unexpected,
    'environment-purge': unexpected,
    ...handlers,
  };
}
