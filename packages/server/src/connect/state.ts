/** OAuth state: what the callback needs, sealed, and usable exactly once. The browser carries only a random name for it. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';

/** What is kept between the redirect to the provider and its answer. */
export type Pending = {
  connectionId: string;
  connectionConfig: JsonObject;
  /** PKCE code verifier and whatever else the auth mode wants back. */
  memory: Record<string, string>;
  redirectUri: string;
  wsClientId: string | undefined;
};
export type Ref = { environmentId: number; integrationId: number; connectSessionId: number };

/** An end user may read e-mails and look up a password meanwhile. */
const STATE_MINUTES = 60;
const hashOf = (state: string) => createHash('sha256').update(state).digest();
const context = (hash: Buffer) => `connect-state:${hash.toString('hex')}`;

/** The browser that started must be the one that comes back: the cookie of this name is checked (RFC 6819 4.4.1.8). */
export const cookieName = (state: string) => `oauth2-${hashOf(state).toString('hex').slice(0, 16)}`;

export async function rememberState(
  world: Pick<World, 'db' | 'keyring' | 'random'>,
  ref: Ref,
  pending: Omit<Pending, 'memory'>,
  make: (state: string) => Record<string, string>,
): Promise<string> {
  const state = world.random.bytes(32).toString('hex');
  const hash = hashOf(state);
  const sealed = seal(world.keyring, context(hash), JSON.stringify({ ...pending, memory: make(state) } satisfies Pending));
  await run(
    world.db,
    sql`insert into connect_states (state_hash, environment_id, integration_id, connect_session_id, sealed, expires_at)
        values (${hash}, ${ref.environmentId}, ${ref.integrationId}, ${ref.connectSessionId}, ${sealed}, now() + ${`${STATE_MINUTES} minutes`}::interval)`,
  );
  return state;
}

/** Takes the state away as it reads it, so of two callbacks one wins. @returns undefined for an unknown, used or expired one */
export async function consumeState(world: Pick<World, 'db' | 'keyring'>, state: string): Promise<(Ref & { pending: Pending }) | undefined> {
  const hash = hashOf(state);
  const row = await one<Ref & { sealed: Buffer }>(
    world.db,
    sql`delete from connect_states where state_hash = ${hash} and expires_at > now()
        returning environment_id, integration_id, connect_session_id, sealed`,
  );
  if (!row) return undefined;
  const { sealed, ...ref } = row;
  return { ...ref, pending: JSON.parse(open(world.keyring, context(hash), sealed)) as Pending }; // sealed above with this shape
}

/** Deletes what expired; the sessions a day later, for the activity log's sake. */
export async function sweepConnect({ db }: Pick<World, 'db'>): Promise<void> {
  await run(db, sql`delete from connect_states where expires_at < now()`);
  await run(
    db,
    sql`delete from connect_sessions s where expires_at < now() - interval '1 day'
          and not exists (select 1 from connect_states where connect_session_id = s.id)`,
  );
}
