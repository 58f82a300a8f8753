/** Start an OAuth flow: from a connect session to the provider's consent page. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Start } from '../credentials/auth-mode.ts';
import { modes } from '../credentials/modes.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { SessionScope } from '../http/scope.ts';
import { rememberState } from './state.ts';
import { connectTarget } from './target.ts';

type StartInput = {
  providerConfigKey: string;
  connectionId?: string | undefined;
  params?: Record<string, unknown> | undefined;
  wsClientId?: string | undefined;
};
type Needs = Pick<World, 'db' | 'keyring' | 'catalogue' | 'random' | 'config'>;

/** @returns where to send the browser, and the state to remember it by. @throws all of connectTarget, invalid_auth_mode, CredentialsError */
export async function startOauth(world: Needs, scope: SessionScope, input: StartInput): Promise<{ url: string; state: string }> {
  const target = await connectTarget(world, scope, input);
  const { defaults, integration } = target;
  const redirectUri = await callbackUrl(world, scope.environment.id);
  const scopesOverride = defaults.connection_config?.oauth_scopes_override;
  const start = (state: string) => {
    const started = modes[target.access.provider.auth_mode].start(world, {
      integration: target.access,
      connectionConfig: target.connectionConfig,
      redirectUri,
      state,
      ...(typeof scopesOverride === 'string' ? { scopes: scopesOverride.split(',') } : {}),
      ...(defaults.authorization_params ? { authorizationParams: defaults.authorization_params } : {}),
    } satisfies Start);
    if (started.kind === 'redirect') return started;
    throw problem('invalid_auth_mode', { message: `"${integration.uniqueKey}" connects with a form, not in a popup` });
  };
  let url = '';
  const state = await rememberState(
    world,
    { environmentId: scope.environment.id, integrationId: integration.id, connectSessionId: scope.sessionId },
    { connectionId: target.connectionId, connectionConfig: target.connectionConfig, redirectUri, wsClientId: input.wsClientId },
    (made) => {
      const started = start(made);
      url = started.url;
      return started.codeVerifier === null ? {} : { codeVerifier: started.codeVerifier };
    },
  );
  return { url, state };
}
