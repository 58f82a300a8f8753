/** A connect session: permission for one browser to make or repair connections, for 30 minutes. Its token is stored as a hash. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { StoredEndUser } from '../connections/connection.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import type { Scope, SessionScope } from '../http/scope.ts';
import { open } from '../vault/open.ts';
import type { Place } from '../vault/sealed.ts';

/** What the backend sets for one integration, over anything the browser sends. */
export type IntegrationDefaults = {
  user_scopes?: string | undefined;
  authorization_params?: Record<string, string> | undefined;
  connection_config?: JsonObject | undefined;
};
export type ConnectSession = {
  readonly id: number;
  readonly environmentId: number;
  readonly endUser: StoredEndUser | null;
  readonly tags: Record<string, string>;
  readonly allowedIntegrations: string[] | null;
  readonly defaultsSealed: Buffer | null;
  readonly overrides: JsonObject | null;
  readonly webhookUrlOverride: string | null;
  /** Row id of the connection it repairs. */
  readonly reconnects: number | null;
  /** And only with the account at the provider that it is of. */
  readonly requireSameAccount: boolean;
  readonly expiresAt: Date;
};

const PREFIX = 'nango_connect_session_';
const FORMAT = /^nango_connect_session_[0-9a-f]{64}$/;
export const SESSION_MINUTES = 30;

export const defaultsPlace = (environmentId: number): Place => ({ environmentId, context: `connect-session:${environmentId}` });
export const isSessionToken = (token: string) => token.startsWith(PREFIX);
/** 256 random bits: a plain fast hash keeps them secret at rest. */
export const tokenHash = (token: string) => createHash('sha256').update(token).digest();
export const newToken = ({ random }: Pick<World, 'random'>) => `${PREFIX}${random.bytes(32).toString('hex')}`;

/**
 * @param expired whether one that only expired counts too: it still hears what became of what it began
 * @throws invalid_connect_session_token_format, unknown_connect_session_token
 */
export async function resolveSession(
  world: Pick<World, 'db'>,
  token: string,
  { expired = false } = {},
): Promise<{ scope: SessionScope; session: ConnectSession }> {
  if (!FORMAT.test(token)) throw problem('invalid_connect_session_token_format');
  const session = await one<ConnectSession>(
    world.db,
    sql`select id, environment_id, end_user, tags, allowed_integrations, defaults_sealed, overrides, webhook_url_override, reconnects, require_same_account,
               expires_at
          from connect_sessions where token_hash = ${tokenHash(token)} and (expires_at > now() or ${expired}) and deleted_at is null`,
  );
  // A session ends with its environment, even before it is cleaned up.
  const environment = session && (await lookEnvironmentById(world, session.environmentId));
  if (!session || !environment) throw problem('unknown_connect_session_token');
  return {
    session,
    scope: {
      environment,
      grants: ['environment:integrations:list'],
      countedAs: `session ${session.id}`,
      sessionId: session.id,
      allowedIntegrations: session.allowedIntegrations,
    },
  };
}

/** The session of a scope that was resolved from one. */
export async function findSession(world: Pick<World, 'db'>, scope: Scope, id: number): Promise<ConnectSession> {
  const session = await one<ConnectSession>(
    world.db,
    sql`select id, environment_id, end_user, tags, allowed_integrations, defaults_sealed, overrides, webhook_url_override, reconnects, require_same_account,
               expires_at
          from connect_sessions where environment_id = ${scope.environment.id} and id = ${id}`,
  );
  if (!session) throw problem('unknown_connect_session_token');
  return session;
}

export async function endSession(world: Pick<World, 'db'>, scope: Scope, id: number): Promise<void> {
  await run(world.db, sql`update connect_sessions set deleted_at = now() where environment_id = ${scope.environment.id} and id = ${id}`);
}

/** With the environment, and how its page looked. Sign-ins under way expire, so that the next sweep says of them that nobody finished. */
export async function endSessionsOfEnvironment(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`update connect_sessions set deleted_at = now() where environment_id = ${environmentId} and deleted_at is null`);
  await run(db, sql`update connect_states set expires_at = now() where environment_id = ${environmentId} and expires_at > now()`);
  await run(db, sql`delete from connect_ui where environment_id = ${environmentId}`);
}

export async function defaultsOf(
  { keyring }: Pick<World, 'keyring'>,
  session: ConnectSession,
): Promise<Record<string, IntegrationDefaults>> {
  if (!session.defaultsSealed) return {};
  const text = await open(keyring, defaultsPlace(session.environmentId), session.defaultsSealed);
  return JSON.parse(text) as Record<string, IntegrationDefaults>; // sealed by create.ts
}
