/**
 * What an app receives: for each event its messages, with the body on the wire (webhooks.md part 1, section 2).
 * Pure. Keys are sorted and nothing is spaced, since old clients verify the signature over the body they parsed and wrote again.
 */
import type { WebhookEventName } from '@bowline/api/webhook-events';
import { canonical } from '../base/canonical.ts';
import type { Settings } from '../environments/settings.ts';
import type { ConnectionRef, Event, EventError, Events, EventType } from '../events/event.ts';

/** `kind`: the body's type. `wanted`: whether the environment asks for it at its own addresses, whose receivers may not know what the reference does not send. */
type Body = {
  readonly name: WebhookEventName;
  readonly kind: 'auth' | 'sync' | 'sync_deletions_held' | 'async_action' | 'records_changed' | 'connection_deleted' | 'endpoint' | 'alert';
  readonly wanted: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
};
export type Message = { readonly name: WebhookEventName; readonly kind: string; readonly wanted: boolean; readonly text: string };
type Asks = Pick<
  Settings,
  | 'name'
  | 'onAuthCreation'
  | 'onAuthRefreshError'
  | 'onAuthRefreshRecovered'
  | 'onSyncCompletionAlways'
  | 'onSyncError'
  | 'onAsyncActionCompletion'
>;

/** What an event tells: nothing when it is not for apps, and mostly one message. */
export function messagesOf(event: Event, asks: Asks): Message[] {
  const build = bodies[event.type] as ((payload: Events[EventType], asks: Asks) => Body | Body[]) | null; // the entry under this event's own type
  const built = build ? [build(event.payload, asks)].flat() : [];
  return built.map(({ name, kind, wanted, fields }) => ({ name, kind, wanted, text: canonical({ from: 'nango', type: kind, ...fields }) }));
}

const bodies: { readonly [T in EventType]: ((payload: Events[T], asks: Asks) => Body | Body[]) | null } = {
  'connection.saved': ({ connection, operation, tags, endUser }, asks) => ({
    name: operation === 'override' ? 'connection.overridden' : 'connection.created',
    kind: 'auth',
    // An override has no switch of its own and is always told.
    wanted: operation === 'override' || asks.onAuthCreation,
    fields: { ...auth(connection, asks), operation, success: true, tags, ...endUserOf(endUser) },
  }),
  'connection.save_failed': ({ connection, error, tags, endUser }, asks) => ({
    name: 'connection.failed',
    kind: 'auth',
    wanted: asks.onAuthCreation,
    fields: { ...auth(connection, asks), operation: 'creation', success: false, error: errorOf(error), tags, ...endUserOf(endUser) },
  }),
  'connection.refresh_failed': ({ connection, error, tags, endUser }, asks) => ({
    name: 'connection.refresh_failed',
    kind: 'auth',
    wanted: asks.onAuthRefreshError,
    fields: { ...auth(connection, asks), operation: 'refresh', success: false, error: errorOf(error), tags, ...endUserOf(endUser) },
  }),
  'connection.refresh_recovered': ({ connection, tags, endUser }, asks) => ({
    name: 'connection.refresh_recovered',
    kind: 'auth',
    wanted: asks.onAuthRefreshRecovered,
    fields: { ...auth(connection, asks), operation: 'refresh', success: true, tags, ...endUserOf(endUser) },
  }),
  'sync.completed': ({ connection, syncName, syncVariant, model, syncType, modifiedAfter, responseResults, checkpoints }, asks) => {
    const isChange = Object.values(responseResults).some((count) => count > 0);
    const about = { ...named(connection), syncName, syncVariant, model, modifiedAfter, responseResults };
    const completed: Body = {
      name: 'sync.completed',
      kind: 'sync',
      wanted: asks.onSyncCompletionAlways || isChange,
      fields: { ...about, syncType, success: true, queryTimeStamp: modifiedAfter, ...(checkpoints ? { checkpoints } : {}) },
    };
    return isChange ? [completed, { name: 'records.changed', kind: 'records_changed', wanted: false, fields: about }] : completed;
  },
  'sync.failed': ({ connection, syncName, syncVariant, models, syncType, error, startedAt, failedAt }, asks) => ({
    name: 'sync.failed',
    kind: 'sync',
    wanted: asks.onSyncError,
    fields: {
      ...named(connection),
      ...{ syncName, syncVariant, model: models.join(','), syncType, success: false, error: errorOf(error), startedAt, failedAt },
    },
  }),
  // A type of its own: clients that know only `sync` would take it for a run's end.
  'sync.deletions_held': ({ connection, ...held }, asks) => ({
    name: 'sync.deletions_held',
    kind: 'sync_deletions_held',
    wanted: asks.onSyncError,
    fields: { ...named(connection), ...held },
  }),
  'action.completed': ({ connection, id }, asks) => ({
    name: 'action.completed',
    kind: 'async_action',
    wanted: asks.onAsyncActionCompletion,
    fields: { ...named(connection), payload: { id, statusUrl: `/action/${id}` } },
  }),
  'connection.deleted': ({ connection }) => ({
    name: 'connection.deleted',
    kind: 'connection_deleted',
    wanted: false,
    fields: { ...named(connection), provider: connection.provider },
  }),
  'endpoint.paused': (news) => endpointBody('endpoint.paused', news),
  'endpoint.resumed': (news) => endpointBody('endpoint.resumed', news),
  'endpoint.disabled': (news) => endpointBody('endpoint.disabled', news),
  'alert.opened': (news) => alertBody('alert.opened', news),
  'alert.resolved': (news) => alertBody('alert.resolved', news),
  // Its text is stored, and was delivered by whoever forwarded it.
  'webhook.forwarded': null,
  'functions.deployed': null,
  'integration.updated': null,
  'subscription.restored': null,
  'subscription.all_restored': null,
  'environment.deleted': null,
};

function endpointBody(name: 'endpoint.paused' | 'endpoint.resumed' | 'endpoint.disabled', news: Events['endpoint.paused']): Body {
  return { name, kind: 'endpoint', wanted: false, fields: { event: name, ...news } };
}

function alertBody(name: 'alert.opened' | 'alert.resolved', news: Events['alert.opened']): Body {
  return { name, kind: 'alert', wanted: false, fields: { event: name, ...news } };
}

const named = ({ connectionId, providerConfigKey }: Pick<ConnectionRef, 'connectionId' | 'providerConfigKey'>) => ({
  connectionId,
  providerConfigKey,
});

function auth(connection: Omit<ConnectionRef, 'id'>, { name }: Asks) {
  return { ...named(connection), authMode: connection.authMode, provider: connection.provider, environment: name };
}

/** Only these two: whatever else an error carries stays inside. */
const errorOf = ({ type, description }: EventError) => ({ type, description });

/** The end user as stored with the connection: `{ id, email?, tags?, organization?: { id } }`. */
function endUserOf(stored: object | null): { endUser?: Record<string, unknown> } {
  if (!stored) return {};
  const { id, email, tags, organization }: Readonly<Record<string, unknown>> = { ...stored };
  const hasOrganization = typeof organization === 'object' && organization !== null && 'id' in organization;
  return {
    endUser: {
      endUserId: id,
      endUserEmail: email ?? null,
      ...(hasOrganization ? { organizationId: organization.id } : {}),
      tags: tags ?? {},
    },
  };
}
