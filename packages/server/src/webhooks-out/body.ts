/**
 * What an app receives: for each event the body on the wire (webhooks.md part 1, section 2), or nothing when the environment does not ask for it.
 * Pure. Keys are sorted and nothing is spaced, since old clients verify the signature over the body they parsed and wrote again.
 */
import { canonical } from '../base/canonical.ts';
import type { Settings } from '../environments/settings.ts';
import type { ConnectionRef, Event, EventError, Events, EventType } from '../events/event.ts';

/** `kind`: the body's type. `wanted`: what the environment asks for. */
type Body = {
  readonly kind: 'auth' | 'sync' | 'sync_deletions_held' | 'async_action';
  readonly wanted: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
};
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

/** The body of an event; undefined when none is to be sent. */
export function bodyOf(event: Event, asks: Asks): { kind: string; text: string } | undefined {
  const build = bodies[event.type] as ((payload: Events[EventType], asks: Asks) => Body) | null; // the entry under this event's own type
  const body = build?.(event.payload, asks);
  if (!body?.wanted) return undefined;
  return { kind: body.kind, text: canonical({ from: 'nango', type: body.kind, ...body.fields }) };
}

const bodies: { readonly [T in EventType]: ((payload: Events[T], asks: Asks) => Body) | null } = {
  'connection.saved': ({ connection, operation, tags, endUser }, asks) => ({
    kind: 'auth',
    // An override has no switch of its own and is always told.
    wanted: operation === 'override' || asks.onAuthCreation,
    fields: { ...auth(connection, asks), operation, success: true, tags, ...endUserOf(endUser) },
  }),
  'connection.save_failed': ({ connection, error, tags, endUser }, asks) => ({
    kind: 'auth',
    wanted: asks.onAuthCreation,
    fields: { ...auth(connection, asks), operation: 'creation', success: false, error: errorOf(error), tags, ...endUserOf(endUser) },
  }),
  'connection.refresh_failed': ({ connection, error, tags, endUser }, asks) => ({
    kind: 'auth',
    wanted: asks.onAuthRefreshError,
    fields: { ...auth(connection, asks), operation: 'refresh', success: false, error: errorOf(error), tags, ...endUserOf(endUser) },
  }),
  'connection.refresh_recovered': ({ connection, tags, endUser }, asks) => ({
    kind: 'auth',
    wanted: asks.onAuthRefreshRecovered,
    fields: { ...auth(connection, asks), operation: 'refresh', success: true, tags, ...endUserOf(endUser) },
  }),
  'sync.completed': ({ connection, syncName, syncVariant, model, syncType, modifiedAfter, responseResults, checkpoints }, asks) => ({
    kind: 'sync',
    wanted: asks.onSyncCompletionAlways || Object.values(responseResults).some((count) => count > 0),
    fields: {
      ...named(connection),
      ...{ syncName, syncVariant, model, syncType, success: true, modifiedAfter, queryTimeStamp: modifiedAfter, responseResults },
      ...(checkpoints ? { checkpoints } : {}),
    },
  }),
  'sync.failed': ({ connection, syncName, syncVariant, models, syncType, error, startedAt, failedAt }, asks) => ({
    kind: 'sync',
    wanted: asks.onSyncError,
    fields: {
      ...named(connection),
      ...{ syncName, syncVariant, model: models.join(','), syncType, success: false, error: errorOf(error), startedAt, failedAt },
    },
  }),
  // A type of its own: clients that know only `sync` would take it for a run's end.
  'sync.deletions_held': ({ connection, ...held }, asks) => ({
    kind: 'sync_deletions_held',
    wanted: asks.onSyncError,
    fields: { ...named(connection), ...held },
  }),
  'action.completed': ({ connection, id }, asks) => ({
    kind: 'async_action',
    wanted: asks.onAsyncActionCompletion,
    fields: { ...named(connection), payload: { id, statusUrl: `/action/${id}` } },
  }),
  'connection.deleted': null,
  'functions.deployed': null,
  'environment.deleted': null,
};

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
