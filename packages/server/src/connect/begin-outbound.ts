/** Begin a connection that the person installs at the vendor: it waits for the vendor's webhook. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { SessionScope } from '../http/scope.ts';
import { completeConnection, openAttempt } from './complete.ts';
import { connectTarget } from './target.ts';

type Needs = Parameters<typeof connectTarget>[0] &
  Parameters<typeof completeConnection>[0] &
  Pick<World, 'config' | 'outbound' | 'journal'>;
type Wanted = { providerConfigKey: string; query: { connection_id?: string | undefined; params?: Record<string, unknown> | undefined } };

/** @throws invalid_auth_mode, connection_test_failed and all of connectTarget */
export async function beginOutbound(world: Needs, scope: SessionScope, { providerConfigKey, query }: Wanted) {
  const target = await connectTarget(world, scope, { providerConfigKey, connectionId: query.connection_id, params: query.params });
  const authMode = target.access.provider.auth_mode;
  const { connectionConfig, access: integration } = target;
  const redirectUri = await callbackUrl(world, scope.environment.id);
  const start = modes[authMode].start(world, { integration, connectionConfig, redirectUri, state: '' });
  const started = await start.catch(told);
  if (started.kind !== 'pending') {
    throw problem('invalid_auth_mode', { message: `"${providerConfigKey}" is not installed from the pages of its provider` });
  }
  const operation = openAttempt(world, scope, target);
  try {
    await completeConnection(world, scope, { ...target, authMode, operation, granted: started.granted });
  } catch (error) {
    operation.end({ state: 'failed', error: error instanceof CredentialsError ? error.message : 'Something went wrong on our side' });
    told(error);
  }
  return { connectionId: target.connectionId, providerConfigKey, isPending: true } as const;
}

function told(error: unknown): never {
  if (!(error instanceof CredentialsError)) throw error;
  throw problem('connection_test_failed', { message: error.message }, { cause: error });
}
