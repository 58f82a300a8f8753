/** Start an OAuth flow: from a connect session to the provider's consent page. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { integrationAccess } from '../connections/open.ts';
import type { Override } from '../credentials/auth-mode.ts';
import { modes } from '../credentials/modes.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { SessionScope } from '../http/scope.ts';
import { clientMetadataUrl } from '../integrations/client-metadata.ts';
import { ensureClient } from '../integrations/ensure-client.ts';
import type { Beginning } from './attempt.ts';
import { openAttempt } from './complete.ts';
import { newState, type Pending, rememberState } from './state.ts';
import { connectTarget } from './target.ts';

type StartInput = {
  providerConfigKey: string;
  connectionId?: string | undefined;
  params?: Record<string, unknown> | undefined;
  /** Added to the page of the provider, unless the session says what is. */
  authorizationParams?: Record<string, string> | undefined;
  override?: Override | undefined;
  /** Who waits to hear how it ended. */
  waiting: Pick<Pending, 'wsClientId' | 'attempt'>;
};
type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'random' | 'config' | 'clock' | 'journal' | 'outbound'>;

/** @returns where to send the browser, and the state to remember it by. @throws all of connectTarget, invalid_auth_mode, CredentialsError */
export async function startOauth(world: Needs, scope: SessionScope, input: StartInput): Promise<Beginning> {
  const target = await connectTarget(world, scope, input);
  const { defaults } = target;
  const integration = await ensureClient(world, scope, target.integration);
  const access = integration === target.integration ? target.access : await integrationAccess(world, integration);
  const redirectUri = await callbackUrl(world, scope.environment.id);
  const metadataUrl = clientMetadataUrl(world, scope.environment, integration);
  const scopesOverride = defaults.connection_config?.oauth_scopes_override;
  const state = newState(world);
  const { override, waiting } = input;
  const authorizationParams = defaults.authorization_params ?? harmless(input.authorizationParams);
  const started = await modes[access.provider.auth_mode].start(world, {
    integration: access,
    connectionConfig: target.connectionConfig,
    redirectUri,
    state,
    ...(typeof scopesOverride === 'string' ? { scopes: scopesOverride.split(',') } : {}),
    ...(authorizationParams ? { authorizationParams } : {}),
    ...(override ? { override } : {}),
    ...(metadataUrl === undefined ? {} : { clientMetadataUrl: metadataUrl }),
  });
  if (started.kind !== 'redirect') {
    throw problem('invalid_auth_mode', { message: `"${integration.uniqueKey}" connects in another way than in a popup` });
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
      ...waiting,
      override,
    },
  });
  return { url: started.url, state };
}

/** What a browser must not say: what to ask for, and how the answer is given. The session may. */
const RESERVED = /^((user|optional)_)?scopes?$|^response_(type|mode)$|^request(_uri)?$/i;

function harmless(given: Record<string, string> | undefined): Record<string, string> | undefined {
  return given && Object.fromEntries(Object.entries(given).filter(([name]) => !RESERVED.test(name)));
}
