/** Complete a connection: save it with what the session brings, close the activity entry, tell the waiting page. */
import type { JsonObject } from '@bowline/api/fields';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { isPending as isPendingConnection } from '../connections/connection.ts';
import { lookConnectionById } from '../connections/find.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { type NewConnection, type Saved, saveConnection } from '../connections/save.ts';
import { validateConnection } from '../connections/validate.ts';
import type { Granted } from '../credentials/auth-mode.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { type OperationHandle, startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { learnAccount } from './account.ts';
import { settleAttempt } from './attempt.ts';
import { tell, type Waiting } from './live.ts';
import { endPending, rememberPending } from './pending.ts';
import type { ConnectSession } from './session.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'clock' | 'bus'>;
type Completing = Needs & Pick<HookedWorld, 'builtIns' | 'hooks' | 'outbound' | 'random'>;
type Completed = {
  session: ConnectSession;
  integration: Integration;
  authMode: string;
  connectionId: string;
  /** Of `openAttempt`. */
  operation: OperationHandle;
} & Waiting;

/** One attempt to connect is one entry of the activity log; a session may make several. */
export function openAttempt(
  world: Pick<World, 'journal' | 'clock' | 'random' | 'builtIns'>,
  scope: Scope,
  { session, integration, connectionId }: Pick<Completed, 'session' | 'integration' | 'connectionId'>,
): OperationHandle {
  const provider = providerOf(world, integration)?.display_name ?? integration.provider;
  return startOperation(world, scope, {
    type: 'auth',
    action: session.reconnects === null ? 'create_connection' : 'reconnect',
    title: `${session.reconnects === null ? 'Connect' : 'Reconnect'} ${provider}`,
    integration: integration.uniqueKey,
    provider: integration.provider,
    connection: connectionId,
  });
}

/** @throws connection_validation_failed: nothing was saved then, and what was there before serves on */
export async function completeConnection(world: Completing, scope: Scope, asked: Granting): Promise<Saved> {
  const isPending = asked.granted.pending !== undefined;
  const done = asked.session.requireSameAccount && !isPending ? await withAccount(world, asked) : asked;
  // What waits has no credentials yet that a function could try.
  const wanted = isPending ? wantedOf(done) : await validateConnection(world, scope, wantedOf(done));
  const saved = await transaction(world.db, async (tx) => {
    const { attempt, connectionId } = done;
    if (attempt) await settleAttempt(tx, scope, attempt.id, { status: 'done', connectionId, isPending });
    return isPending ? wait({ ...world, db: tx }, scope, { done, wanted }) : save({ ...world, db: tx }, scope, { done, wanted });
  });
  done.operation.log('info', isPending ? 'Waiting for the provider' : `Connected as ${done.connectionId}`, { operation: saved.operation });
  done.operation.end({ state: 'success' });
  await tell(world, done, {
    message_type: 'success',
    provider_config_key: done.integration.uniqueKey,
    connection_id: done.connectionId,
    is_pending: isPending,
  });
  return saved;
}

type Granting = Completed & { granted: Granted };

async function withAccount(world: Completing, done: Granting): Promise<Granting> {
  const account = await learnAccount(world, done);
  return account === undefined ? done : { ...done, granted: { ...done.granted, account } };
}

type Saving = { done: Granting; wanted: NewConnection };

/** What works already goes on working until the provider's webhook replaces it. */
async function wait(world: Completing, scope: Scope, { done, wanted }: Saving): Promise<Saved> {
  const { granted, integration, session } = done;
  const before = session.reconnects === null ? undefined : await lookConnectionById(world, scope, session.reconnects);
  const works = before && !isPendingConnection(before.connection);
  if (works && session.requireSameAccount) {
    const message = 'whose account it is cannot be told before it is approved; once it is, connect again';
    throw new CredentialsError('different_account', message);
  }
  const saved: Saved = works ? { ...before, operation: 'override' } : await saveConnection(world, scope, { ...wanted, isPending: true });
  await rememberPending(world, integration, {
    connectionId: saved.connection.id,
    awaits: granted.pending?.awaits ?? '',
    isNew: !works,
    credentials: granted.credentials,
    connectionConfig: { ...granted.connectionConfig },
  });
  return saved;
}

async function save(world: Completing, scope: Scope, { done: { session }, wanted }: Saving): Promise<Saved> {
  const place = { environmentId: scope.environment.id, connectionId: session.reconnects ?? 0 };
  const waited = session.reconnects === null ? undefined : await endPending(world.db, place);
  return saveConnection(world, scope, { ...wanted, ...(waited?.isNew ? { toldAs: 'creation' } : {}) });
}

function wantedOf({ session, granted, integration, authMode, connectionId }: Granting): NewConnection {
  const tagged = Object.keys(session.tags).length > 0;
  return {
    integration,
    authMode,
    connectionId,
    credentials: granted.credentials,
    connectionConfig: { ...granted.connectionConfig } satisfies JsonObject,
    keepsConfig: session.reconnects !== null,
    account: granted.account,
    requireSameAccount: session.requireSameAccount,
    // A reconnect session without tags or end user keeps those of the connection.
    tags: tagged ? session.tags : undefined,
    endUser: session.endUser ?? undefined,
    webhookUrlOverride: session.webhookUrlOverride ?? undefined,
  };
}

type Failed = Completed & {
  error: { type: string; description: string };
  /** The provider's turn: the attempt says so, where the wire knows only the step that failed. */
  isProviderDown: boolean;
};

/** A failure the server saw: into the activity log, to the page, and as an event to the app. */
export async function failConnection(world: Needs, scope: Scope, failed: Failed): Promise<void> {
  const { session, integration, error } = failed;
  failed.operation.log('error', error.description, { type: error.type });
  failed.operation.end({ state: 'failed', error: error.description });
  const { connectionId, authMode, attempt } = failed;
  await transaction(world.db, async (tx) => {
    const type = failed.isProviderDown ? 'provider_unavailable' : error.type;
    if (attempt) await settleAttempt(tx, scope, attempt.id, { status: 'failed', error: { type, message: error.description } });
    await publish(tx, scope.environment.id, 'connection.save_failed', {
      connection: { connectionId, authMode, providerConfigKey: integration.uniqueKey, provider: integration.provider },
      error,
      tags: session.tags,
      endUser: session.endUser,
    });
  });
  await tell(world, failed, {
    message_type: 'error',
    provider_config_key: integration.uniqueKey,
    connection_id: connectionId,
    error_type: error.type,
    error_desc: error.description,
  });
}
