/** OAuth state: what the callback needs, sealed, and usable exactly once. The browser carries only a random name for it. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { many, one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Kept, Override } from '../credentials/auth-mode.ts';
import { resumeOperation } from '../logs/operation.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';

/** What is kept between the redirect to the provider and its answer. */
export type Pending = {
  connectionId: string;
  connectionConfig: JsonObject;
  /** What the auth mode wants back. */
  kept: Kept;
  redirectUri: string;
  wsClientId?: string | undefined;
  /** The end user's own client at the provider, instead of the integration's. */
  override?: Override | undefined;
  /** Who waits to hear how it ended, and where the browser goes then if it is no popup. Absent for published clients. */
  attempt?: { id: string; returnTo: string | undefined } | undefined;
};
export type Remembered = {
  environmentId: number;
  integrationId: number;
  connectSessionId: number;
  /** Of the activity log. */
  operationId: string;
  pending: Pending;
};

/** An end user may read e-mails and look up a password meanwhile. */
export const STATE_MINUTES = 60;
const hashOf = (state: string) => createHash('sha256').update(state).digest();
export const statePlace = (environmentId: number, hash: Buffer): Place => ({
  environmentId,
  context: `connect-state:${hash.toString('hex')}`,
});

/** The browser that started must be the one that comes back: the cookie of this name is checked (RFC 6819 4.4.1.8). */
export const cookieName = (state: string) => `oauth2-${hashOf(state).toString('hex').slice(0, 16)}`;

/** 256 random bits: it names what is kept and cannot be guessed. */
export const newState = ({ random }: Pick<World, 'random'>) => random.bytes(32).toString('hex');

export async function rememberState(world: Pick<World, 'db' | 'keyring'>, state: string, { pending, ...ref }: Remembered): Promise<void> {
  const hash = hashOf(state);
  const sealed = await seal(world.keyring, statePlace(ref.environmentId, hash), JSON.stringify(pending));
  await run(
    world.db,
    sql`insert into connect_states (state_hash, environment_id, integration_id, connect_session_id, operation_id, sealed, expires_at)
        values (${hash}, ${ref.environmentId}, ${ref.integrationId}, ${ref.connectSessionId}, ${ref.operationId}, ${sealed},
                now() + ${`${STATE_MINUTES} minutes`}::interval)`,
  );
}

/** Takes the state away as it reads it, so of two callbacks one wins. @returns undefined for an unknown, used or expired one */
export async function consumeState(world: Pick<World, 'db' | 'keyring'>, state: string): Promise<Remembered | undefined> {
  const hash = hashOf(state);
  const row = await one<Omit<Remembered, 'pending'> & { sealed: Buffer }>(
    world.db,
    sql`delete from connect_states where state_hash = ${hash} and expires_at > now()
        returning environment_id, integration_id, connect_session_id, operation_id, sealed`,
  );
  if (!row) return undefined;
  const { sealed, ...ref } = row;
  return { ...ref, pending: JSON.parse(await open(world.keyring, statePlace(ref.environmentId, hash), sealed)) as Pending }; // sealed above with this shape
}

/** Deletes what expired, and says in the activity log of a sign-in nobody finished; sessions go a day later. */
export async function sweepConnect(world: Pick<World, 'db' | 'journal' | 'clock' | 'random'>): Promise<void> {
  const abandoned = await many<{ environmentId: number; operationId: string }>(
    world.db,
    sql`delete from connect_states where expires_at < now() returning environment_id, operation_id`,
  );
  for (const { environmentId, operationId } of abandoned) {
    const operation = resumeOperation(world, { environment: { id: environmentId } }, operationId);
    operation.end({ state: 'cancelled', error: `Nobody finished this sign-in within ${STATE_MINUTES} minutes` });
  }
  // An address that starts no attempt any more; the attempt itself stays, for the browser that asks.
  await run(
    world.db,
    sql`update connect_attempts set start_hash = null, start_sealed = null where start_sealed is not null and created_at < now() - interval '5 minutes'`,
  );
  await run(
    world.db,
    sql`delete from connect_sessions s where expires_at < now() - interval '1 day'
          and not exists (select 1 from connect_states where connect_session_id = s.id)`,
  );
}
