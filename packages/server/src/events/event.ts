/** Events: what happened, told upward. A verb publishes one in its own transaction; the table in worker.ts says who listens. */
import type { Counts } from '@bowline/api/syncs';

/** Names a connection the way both code and wire need it. */
export type ConnectionRef = {
  /** Row id. */
  id: number;
  connectionId: string;
  providerConfigKey: string;
  provider: string;
  authMode: string;
};
export type EventError = { type: string; description: string };

export type Events = {
  /** A connection was made, or made anew over an existing one. */
  'connection.saved': {
    connection: ConnectionRef;
    operation: 'creation' | 'override';
    tags: Record<string, string>;
    endUser: object | null;
  };
  /** Making one failed where the server could see it. */
  'connection.save_failed': {
    connection: Omit<ConnectionRef, 'id'>;
    error: EventError;
    tags: Record<string, string>;
    endUser: object | null;
  };
  'connection.refresh_failed': { connection: ConnectionRef; error: EventError; tags: Record<string, string>; endUser: object | null };
  /** Credentials that could not be refreshed work again. */
  'connection.refresh_recovered': { connection: ConnectionRef; tags: Record<string, string>; endUser: object | null };
  'connection.deleted': { connection: ConnectionRef };
  /** It was made with the wish for webhooks, its settings changed, or it was deleted. `anew`: so did what the provider is asked with. */
  'integration.updated': { integrationId: number; anew: boolean };
  /** Webhooks of a provider come again after a time in which they may not have: who relies on them has to catch up. */
  'subscription.restored': { connection: ConnectionRef; target: string };
  /** The same for all connections of an integration. */
  'subscription.all_restored': { integrationId: number };
  /** Functions of these integrations were created, changed or removed. */
  'functions.deployed': { integrationIds: number[] };
  /** One model of a successful sync run. */
  'sync.completed': {
    connection: ConnectionRef;
    syncName: string;
    syncVariant: string;
    model: string;
    syncType: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
    /** ISO start of the run. */
    modifiedAfter: string;
    responseResults: Counts;
    checkpoints?: { from: object | null; to: object | null };
  };
  'sync.failed': {
    connection: ConnectionRef;
    syncName: string;
    syncVariant: string;
    models: string[];
    syncType: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
    error: EventError;
    startedAt: string;
    failedAt: string;
  };
  /** A run would have deleted so much of a model, or saw so little of it, that nothing was deleted. Told once, by the first run that holds it. */
  'sync.deletions_held': {
    connection: ConnectionRef;
    syncName: string;
    syncVariant: string;
    model: string;
    count: number;
    of: number;
    reason: 'many_records' | 'failed_requests';
    heldAt: string;
  };
  /** A provider's webhook was handed on; what it says is stored, sealed. */
  'webhook.forwarded': { forwardId: string };
  /** Nothing finds it any more; what it held is to be cleaned up. */
  'environment.deleted': Record<string, never>;
  'action.completed': { connection: ConnectionRef; id: string };
  /** An endpoint for webhooks failed again and again; answers again; answered that it wants no more. */
  'endpoint.paused': EndpointNews;
  'endpoint.resumed': EndpointNews;
  'endpoint.disabled': EndpointNews;
  /** Something needs a look, or does no more. */
  'alert.opened': AlertNews;
  'alert.resolved': AlertNews;
};
export type AlertNews = {
  /** A provider's rate limit is used up for longer than a minute; a sync is late by more than a quarter of an hour; a provider refuses a subscription. */
  alert: 'rate_limit' | 'late_sync' | 'subscription';
  providerConfigKey: string;
  /** Null: of all. */
  connectionId: string | null;
  /** Which limit, which sync, why. */
  about: string | null;
  since: string | null;
  /** When it opens again, or is tried again. */
  until: string | null;
};
type EndpointNews = { endpoint: { id: string; url: string }; failingSince: string | null };
export type EventType = keyof Events;

/** One event as its listeners get it. */
export type Event<T extends EventType = EventType> = { [K in T]: { id: number; environmentId: number; type: K; payload: Events[K] } }[T];
