/** A webhook of the provider completes a connection that waited for it: its code or its installation becomes credentials. */
import { Problem } from '@bowline/api/problem';
import { transaction } from '../base/database.ts';
import { lookConnectionById } from '../connections/find.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { integrationAccess } from '../connections/open.ts';
import { saveConnection } from '../connections/save.ts';
import { validateConnection } from '../connections/validate.ts';
import type { WebhookBody } from '../credentials/auth-mode.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { startOperation } from '../logs/operation.ts';
import { endPending, lookPending } from './pending.ts';

type Needs = Pick<HookedWorld, 'db' | 'keyring' | 'builtIns' | 'random' | 'clock' | 'outbound' | 'journal' | 'hooks'>;

/**
 * The webhook must be verified. What fails may be sent again: the connection goes on waiting.
 * @returns the id of the connection, or undefined when this webhook completes none. @throws CredentialsError
 */
export async function completePending(world: Needs, scope: Scope, { integration, body }: { integration: Integration; body: WebhookBody }) {
  const access = await integrationAccess(world, integration);
  const mode = modes[access.provider.auth_mode];
  const awaits = mode.completes?.(access.provider, body);
  const waiting = awaits === undefined ? undefined : await lookPending(world, integration, awaits);
  const found = waiting && (await lookConnectionById(world, scope, waiting.connectionId));
  if (!waiting || !found) return undefined;
  const { connection } = found;
  const operation = startOperation(world, scope, {
    type: 'auth',
    action: 'create_connection',
    title: `Complete ${access.provider.display_name}`,
    integration: integration.uniqueKey,
    provider: integration.provider,
    connection: connection.connectionId,
  });
  try {
    const answer = { kind: 'webhook', body, pending: waiting.credentials } as const;
    const granted = await mode.finish(world, { integration: access, connectionConfig: waiting.connectionConfig, answer });
    const wanted = await validateConnection(world, scope, {
      integration,
      authMode: connection.authMode,
      connectionId: connection.connectionId,
      credentials: granted.credentials,
      connectionConfig: { ...granted.connectionConfig },
      account: granted.account,
    });
    const isCompleted = await transaction(world.db, async (tx) => {
      const ended = await endPending(tx, { environmentId: scope.environment.id, connectionId: connection.id });
      if (!ended) return false;
      await saveConnection({ ...world, db: tx }, scope, { ...wanted, ...(ended.isNew ? { toldAs: 'creation' } : {}) });
      return true;
    });
    operation.log(
      'info',
      isCompleted ? 'The provider told that the installation is complete' : 'It was completed in another way meanwhile',
    );
    operation.end({ state: 'success' });
    return isCompleted ? connection.connectionId : undefined;
  } catch (error) {
    const known = error instanceof CredentialsError || error instanceof Problem ? error : undefined;
    const description = known?.message ?? 'Something went wrong on our side';
    operation.end({ state: 'failed', error: description });
    const { connectionId, providerConfigKey, provider, authMode, tags, endUser } = connection;
    await publish(world.db, scope.environment.id, 'connection.save_failed', {
      connection: { connectionId, providerConfigKey, provider, authMode },
      error: { type: known?.code ?? 'unknown_err', description },
      tags,
      endUser,
    });
    throw error;
  }
}
