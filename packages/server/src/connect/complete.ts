/** Complete a connection: save it with what the session brings, close the activity entry, tell the waiting page. */
import type { JsonObject } from '@bowline/api/fields';
import type { World } from '../base/world.ts';
import { type Saved, saveConnection } from '../connections/save.ts';
import type { Granted } from '../credentials/auth-mode.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { resumeOperation } from '../logs/operation.ts';
import { tell } from './live.ts';
import type { ConnectSession } from './session.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'bus' | 'journal' | 'random'>;
type Completed = {
  session: ConnectSession;
  integration: Integration;
  authMode: string;
  connectionId: string;
  wsClientId?: string | undefined;
};

export async function completeConnection(world: Needs, scope: Scope, done: Completed & { granted: Granted }): Promise<Saved> {
  const { session, granted } = done;
  const tagged = Object.keys(session.tags).length > 0;
  const saved = await saveConnection(world, scope, {
    integration: done.integration,
    authMode: done.authMode,
    connectionId: done.connectionId,
    credentials: granted.credentials,
    connectionConfig: { ...granted.connectionConfig } satisfies JsonObject,
    // A reconnect session without tags or end user keeps those of the connection.
    tags: tagged ? session.tags : undefined,
    endUser: session.endUser ?? undefined,
    webhookUrlOverride: session.webhookUrlOverride ?? undefined,
  });
  const operation = resumeOperation(world, scope, session.operationId);
  operation.log('info', `Connected as ${done.connectionId}`, { operation: saved.operation });
  operation.end({
    state: 'success',
    title: saved.operation === 'creation' ? 'Connection created' : 'Connection renewed',
    meta: { connection: done.connectionId, integration: done.integration.uniqueKey, provider: done.integration.provider },
  });
  await tell(world, done.wsClientId, {
    message_type: 'success',
    provider_config_key: done.integration.uniqueKey,
    connection_id: done.connectionId,
    is_pending: false,
  });
  return saved;
}

type Failed = Completed & { error: { type: string; description: string } };

/** A failure the server saw: into the activity log, to the page, and as an event to the app. */
export async function failConnection(world: Needs, scope: Scope, failed: Failed): Promise<void> {
  const { session, integration, error } = failed;
  resumeOperation(world, scope, session.operationId).end({ state: 'failed', error: error.description });
  const { connectionId, authMode } = failed;
  await publish(world.db, scope.environment.id, 'connection.save_failed', {
    connection: { connectionId, authMode, providerConfigKey: integration.uniqueKey, provider: integration.provider },
    error,
    tags: session.tags,
    endUser: session.endUser,
  });
  await tell(world, failed.wsClientId, {
    message_type: 'error',
    provider_config_key: integration.uniqueKey,
    connection_id: connectionId,
    error_type: error.type,
    error_desc: error.description,
  });
}
