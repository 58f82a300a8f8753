/** Start an OAuth flow: from a connect session to the provider's consent page. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { modes } from '../credentials/modes.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { SessionScope } from '../http/scope.ts';
import { openAttempt } from './complete.ts';
import { newState, rememberState } from './state.ts';
import { connectTarget } from './target.ts';

type StartInput = {
  providerConfigKey: string;
  connectionId?: string | undefined;
  params?: Record<string, unknown> | undefined;
  wsClientId?: string | undefined;
};
type Needs = Pick<World, 'db' | 'keyring' | 'catalogue' | 'random' | 'config' | 'clock' | 'journal' | 'outbound'>;

/** @returns where to send the browser, and the state to remember it by. @throws all of connectTarget, invalid_auth_mode, CredentialsError */
export async function startOauth(world: Needs, scope: SessionScope, input: StartInput): Promise<{ url: string; state: string }> {
  const target = await connectTarget(world, scope, input);
  const { defaults, integration } = target;
  const redirectUri = await callbackUrl(world, scope.environment.id);
  const scopesOverride = defaults.connection_config?.oauth_scopes_override;
  const state = newState(world);
  const started = await modes[target.access.provider.auth_mode].start(world, {
    integration: target.access,
    connectionConfig: target.connectionConfig,
    redirectUri,
    state,
    ...(typeof scopesOverride === 'string' ? { scopes: scopesOverride.split(',') } : {}),
    ...(defaults.authorization_params ? { authorizationParams: defaults.authorization_params } : {}),
  });
  if (started.kind !== 'redirect') {
    throw problem('invalid_auth_mode', { message: `"${integration.uniqueKey}" connects with a form, not in a popup` });
  }
  const operation = openAttempt(world, scope, target);
  operation.log('info', `Sent to ${new URL(started.url).host} to consent`);
  await rememberState(world, state, {
    environmentId: scope.environment.id,
    integrationId: integration.id,
    connectSessionId: scope.sessionId,
    operationId: operation.id,
    pending: {
      connectionId: target.connectionId,
      connectionConfig: target.connectionConfig,
      kept: started.kept,
      redirectUri,
      wsClientId: input.wsClientId,
    },
  });
  return { url: started.url, state };
}
