/** What the server sends to a backend, by `type`. Types only. */

type Named = { from: string; connectionId: string; providerConfigKey: string };
type Failure = { type: string; description: string };

/**
 * A connection was made, repaired, or could not be refreshed.
 *
 * @example
 * import type { AuthWebhook } from '@bowline/node';
 * const onAuth = async (event: AuthWebhook) => {
 *   if (event.operation === 'creation' && event.success) await store({ id: event.connectionId, user: event.endUser?.endUserId });
 * };
 */
export type AuthWebhook = Named & {
  type: 'auth';
  operation: 'creation' | 'override' | 'refresh' | 'unknown';
  success: boolean;
  provider: string;
  authMode: string;
  environment: string;
  tags?: { [name: string]: string };
  endUser?: {
    endUserId: string;
    endUserEmail?: string | null;
    organizationId?: string;
    tags: { [name: string]: string };
  };
  error?: Failure;
};

/**
 * A sync has ended: with changes to read, or with an error.
 *
 * @example
 * import type { SyncWebhook } from '@bowline/node';
 * const onSync = async (event: SyncWebhook) => {
 *   if (event.success) await read(event.connectionId, event.model);
 *   else console.error(event.error.description);
 * };
 */
export type SyncWebhook = Named & {
  type: 'sync';
  syncName: string;
  syncVariant: string;
  model: string;
  syncType: 'INITIAL' | 'INCREMENTAL' | 'WEBHOOK';
} & (
    | {
        success: true;
        modifiedAfter: string;
        queryTimeStamp: string | null;
        responseResults: { added: number; updated: number; deleted: number };
        checkpoints?: unknown;
      }
    | { success: false; error: Failure; startedAt: string; failedAt: string }
  );

/**
 * A run did not meet so many records that they were not deleted: approve or discard it in the dashboard, or by `POST /sync/held-deletions/approve`.
 *
 * @example
 * import type { DeletionsHeldWebhook } from '@bowline/node';
 * const onHeld = async (event: DeletionsHeldWebhook) => console.warn(`${event.count} of ${event.of} ${event.model} are missing at the provider`);
 */
export type DeletionsHeldWebhook = Named & {
  type: 'sync_deletions_held';
  syncName: string;
  syncVariant: string;
  model: string;
  count: number;
  of: number;
  reason: 'many_records' | 'failed_requests';
  heldAt: string;
};

/**
 * An asynchronous action has ended: read its output with `getAsyncActionResult(event.payload)`.
 *
 * @example
 * import type { AsyncActionWebhook } from '@bowline/node';
 * const onAction = async (event: AsyncActionWebhook) => {
 *   const output = await client.getAsyncActionResult<object>(event.payload);
 *   await store(output);
 * };
 */
export type AsyncActionWebhook = Named & { type: 'async_action'; payload: { id: string; statusUrl: string } };

/**
 * A webhook of the provider, handed on.
 *
 * @example
 * import type { ForwardWebhook } from '@bowline/node';
 * const onForward = async (event: ForwardWebhook) => void store({ from: event.providerConfigKey, payload: event.payload });
 */
export type ForwardWebhook = Omit<Named, 'connectionId'> & { type: 'forward'; connectionId?: string; payload: unknown };

/**
 * A sync run changed records of a model. Endpoints and the feed have it; the environment's two URLs do not.
 *
 * @example
 * import type { RecordsChangedWebhook } from '@bowline/node';
 * const onChange = async (event: RecordsChangedWebhook) => read(event.connectionId, event.model);
 */
export type RecordsChangedWebhook = Pick<Named, 'connectionId' | 'providerConfigKey'> & {
  from: string;
  type: 'records_changed';
  syncName: string;
  syncVariant: string;
  model: string;
  modifiedAfter: string;
  responseResults: { added: number; updated: number; deleted: number };
};

/**
 * A connection was deleted.
 *
 * @example
 * import type { ConnectionDeletedWebhook } from '@bowline/node';
 * const onDeleted = async (event: ConnectionDeletedWebhook) => void store({ id: event.connectionId, connected: false });
 */
export type ConnectionDeletedWebhook = Named & { type: 'connection_deleted'; provider: string };

/**
 * An endpoint for webhooks was paused after failures, answers again, or said that it wants no more.
 *
 * @example
 * import type { EndpointWebhook } from '@bowline/node';
 * const onEndpoint = async (event: EndpointWebhook) => console.warn(`${event.event}: ${event.endpoint.url}`);
 */
export type EndpointWebhook = {
  from: string;
  type: 'endpoint';
  event: 'endpoint.paused' | 'endpoint.resumed' | 'endpoint.disabled';
  endpoint: { id: string; url: string };
  failingSince: string | null;
};

/**
 * Something needs a look, or does no more: a provider's rate limit that is used up for longer than a minute, a sync that is late by more than a quarter of
 * an hour, a subscription to webhooks that a provider refuses. `until`: when the limit opens, or the provider is asked again.
 *
 * @example
 * import type { AlertWebhook } from '@bowline/node';
 * const onAlert = async (event: AlertWebhook) => {
 *   if (event.event === 'alert.opened') console.warn(event.alert, event.providerConfigKey, event.about);
 * };
 */
export type AlertWebhook = {
  from: string;
  type: 'alert';
  event: 'alert.opened' | 'alert.resolved';
  alert: 'rate_limit' | 'late_sync' | 'subscription';
  providerConfigKey: string;
  connectionId: string | null;
  about: string | null;
  since: string | null;
  until: string | null;
};

/**
 * Any of them; `type` says which.
 *
 * @example
 * import type { WebhookEvent } from '@bowline/node';
 * const handle = async (event: WebhookEvent) => {
 *   if (event.type === 'sync' && event.success) await read(event.connectionId, event.model);
 * };
 */
export type WebhookEvent =
  | AuthWebhook
  | SyncWebhook
  | DeletionsHeldWebhook
  | AsyncActionWebhook
  | ForwardWebhook
  | RecordsChangedWebhook
  | ConnectionDeletedWebhook
  | EndpointWebhook
  | AlertWebhook;
