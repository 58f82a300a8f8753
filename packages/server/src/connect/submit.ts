/** Submit: connect with what the end user typed (API key, user name and password, client credentials, nothing). */
import { Problem, problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { HookedWorld } from '../connections/hooks.ts';
import { CredentialsError, type CredentialsProblem, classify } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { verify } from '../credentials/verify.ts';
import type { SessionScope } from '../http/scope.ts';
import { completeConnection, openAttempt } from './complete.ts';
import { type ConnectTarget, connectTarget } from './target.ts';

type Submission = {
  providerConfigKey: string;
  query: { connection_id?: string | undefined; params?: Record<string, unknown> | undefined };
  /** The one mode this door is for. */
  authMode: string;
  values: Record<string, unknown>;
};
type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'random' | 'clock' | 'outbound' | 'bus' | 'journal'> & Pick<HookedWorld, 'hooks'>;

/** @throws invalid_auth_mode, connection_test_failed, connection_validation_failed, invalid_body and all of connectTarget */
export async function submitCredentials(
  world: Needs,
  scope: SessionScope,
  input: Submission,
): Promise<{ connectionId: string; providerConfigKey: string }> {
  const target = await connectTarget(world, scope, {
    providerConfigKey: input.providerConfigKey,
    connectionId: input.query.connection_id,
    params: input.query.params,
    form: { authMode: input.authMode, values: input.values },
  });
  const authMode = target.access.provider.auth_mode;
  const operation = openAttempt(world, scope, target);
  try {
    const granted = await worded(() => finish(world, target));
    const verdict = await verify(world, { integration: target.access, ...granted });
    if (!verdict.ok)
      throw problem('connection_test_failed', {
        message: `${target.access.provider.display_name} did not accept this: ${verdict.message}`,
        payload: { kind: verdict.status === undefined ? 'provider_down' : classify(verdict.status) },
      });
    await worded(() => completeConnection(world, scope, { ...target, authMode, operation, granted }));
  } catch (error) {
    // The person sees it at once and tries again, so the app gets no event of it.
    operation.end({ state: 'failed', error: error instanceof Problem ? error.message : 'Something went wrong on our side' });
    throw error;
  }
  return { connectionId: target.connectionId, providerConfigKey: input.providerConfigKey };
}

function finish(world: Needs, target: ConnectTarget) {
  // Without a page to add them to they are of the token request, and of each renewal.
  const { authorization_params: asked } = target.defaults;
  return modes[target.access.provider.auth_mode].finish(world, {
    integration: target.access,
    connectionConfig: { ...target.connectionConfig, ...(asked ? { authorization_params: asked } : {}) },
    ...(target.previous ? { previous: target.previous } : {}),
    answer: { kind: 'form', values: target.values },
  });
}

/** What goes wrong with the credentials, as the wire says it. */
async function worded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    const errors = error.path ? [{ code: 'custom', message: error.message, path: [...error.path] }] : undefined;
    throw problem(
      named(error.code),
      { message: error.message, payload: { kind: error.kind }, ...(errors ? { errors } : {}) },
      { cause: error },
    );
  }
}

/** What has a code of its own on the wire; everything else is a test that failed. */
function named(code: CredentialsProblem) {
  switch (code) {
    case 'invalid_body':
    case 'missing_client_id':
    case 'missing_client_secret':
    case 'invalid_two_step_credentials':
    case 'two_step_credentials_fetch_error':
      return code;
    default:
      return 'connection_test_failed';
  }
}
