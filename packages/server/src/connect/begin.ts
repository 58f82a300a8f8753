/**
 * Begin an attempt for a browser that asks with its token in a header: the answer is an address that works once and holds no secret.
 * A browser that leaves the page for it comes back only to an origin that the backend named.
 */
import { type Issue, problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { only } from '../base/database.ts';
import type { Override } from '../credentials/auth-mode.ts';
import { CredentialsError } from '../credentials/failure.ts';
import type { SessionScope } from '../http/scope.ts';
import { newTicket, type Outcome, rememberAttempt } from './attempt.ts';
import { startOauth } from './start.ts';

type Wanted = {
  providerConfigKey: string;
  params?: Record<string, string> | undefined;
  authorizationParams?: Record<string, string> | undefined;
  credentials?: { [_ in `oauth_${'client_id' | 'client_secret' | 'refresh_token'}_override`]?: string | undefined } | undefined;
  returnTo?: string | undefined;
};
type Begun = (Awaited<ReturnType<typeof rememberAttempt>> & { startUrl: string }) | Extract<Outcome, { status: 'failed' }>;
type Needs = Parameters<typeof startOauth>[0];

/** @throws invalid_body and all of startOauth but CredentialsError, which is an outcome */
export async function beginAttempt(world: Needs, scope: SessionScope, wanted: Wanted): Promise<Begun> {
  const { providerConfigKey, params, authorizationParams, returnTo } = wanted;
  if (returnTo !== undefined) await checkReturn(world, scope, returnTo);
  const id = world.random.uuid();
  try {
    const override = overrideOf(wanted.credentials);
    const waiting = { attempt: { id, returnTo } };
    const beginning = await startOauth(world, scope, { providerConfigKey, params, authorizationParams, override, waiting });
    const ticket = newTicket(world);
    const remembered = await rememberAttempt(world, scope, { id, providerConfigKey, begins: { ...beginning, ticket } });
    return { ...remembered, startUrl: `${world.config.publicUrl}/oauth/start/${ticket}` };
  } catch (error) {
    if (error instanceof CredentialsError) return { status: 'failed', error: { type: error.code, message: error.message } };
    throw error;
  }
}

/** Our own connect page may always be returned to. */
async function checkReturn(world: Needs, { environment, sessionId }: SessionScope, returnTo: string): Promise<void> {
  const { origin } = new URL(returnTo);
  if (origin === new URL(world.config.publicUrl).origin) return;
  const { returnOrigins } = await only<{ returnOrigins: string[] }>(
    world.db,
    sql`select return_origins from connect_sessions where environment_id = ${environment.id} and id = ${sessionId}`,
  );
  if (returnOrigins.includes(origin)) return;
  const message = `${origin} is not among the return_origins of this session; your backend names them when it makes the session`;
  throw problem('invalid_body', { errors: [{ code: 'custom', message, path: ['returnTo'] } satisfies Issue] });
}

/** A client's id and secret count together only. */
export function overrideOf(given: Wanted['credentials']): Override | undefined {
  if (!given) return undefined;
  const {
    oauth_client_id_override: clientId,
    oauth_client_secret_override: clientSecret,
    oauth_refresh_token_override: refreshToken,
  } = given;
  return { ...(clientId ? { clientId } : {}), ...(clientSecret ? { clientSecret } : {}), ...(refreshToken ? { refreshToken } : {}) };
}
