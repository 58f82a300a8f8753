import type { Listeners } from '../../src/events/dispatch.ts';
import { fanOut } from '../../src/webhooks-out/jobs.ts';
import type { SendingWorld } from './world.ts';

/** Webhooks alone hear everything. */
export function listenersOf(world: SendingWorld): Listeners {
  const webhooks = fanOut(world);
  return {
    'connection.saved': { webhooks },
    'connection.save_failed': { webhooks },
    'connection.refresh_failed': { webhooks },
    'connection.refresh_recovered': { webhooks },
    'connection.deleted': { webhooks },
    'alert.opened': { webhooks },
    'alert.resolved': { webhooks },
    'functions.deployed': { webhooks },
    'integration.updated': { webhooks },
    'subscription.restored': { webhooks },
    'subscription.all_restored': { webhooks },
    'sync.completed': { webhooks },
    'sync.failed': { webhooks },
    'sync.deletions_held': { webhooks },
    'action.completed': { webhooks },
    'webhook.forwarded': {},
    'endpoint.paused': { webhooks },
    'endpoint.resumed': { webhooks },
    'endpoint.disabled': { webhooks },
    'environment.deleted': { webhooks },
  };
}
