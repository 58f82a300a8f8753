/**
 * An attempt: one sign-in as the browser knows it that began it, and what became of it. Kept until its session is swept away, so the answer
 * does not depend on a window, a socket or a process that lives long enough.
 */
import { createHash } from 'node:crypto';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { SessionScope } from '../http/scope.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';
import { STATE_MINUTES } from './state.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type Outcome =
  | { status: 'done'; connectionId: string; isPending: boolean }
  | { status: 'failed'; error: { type: string; message: string } };
type Waiting = { status: 'waiting' };
type Of<State> = { id: string; providerConfigKey: string; expiresAt: string } & State;
export type Attempt = Of<Waiting> | Of<Outcome>;
/** Where the browser goes when it opens the address that begins an attempt. */
export type Beginning = { url: string; state: string };
type NewAttempt = {
  id: string;
  providerConfigKey: string;
  begins: Beginning & { ticket: string };
};

/** The page opens the address at once; whoever finds it later must not be able to use it. */
const TICKET_MINUTES = 5;
const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest();
export const attemptPlace = (environmentId: number, hash: Buffer): Place => ({
  environmentId,
  context: `connect-attempt:${hash.toString('hex')}`,
});
export const newTicket = ({ random }: Pick<World, 'random'>) => random.bytes(32).toString('hex');

/** @returns when nobody can finish it any more */
export async function rememberAttempt(
  world: Pick<World, 'db' | 'keyring' | 'clock'>,
  { environment, sessionId }: SessionScope,
  { id, providerConfigKey, begins: { ticket, ...beginning } }: NewAttempt,
): Promise<Of<Waiting>> {
  const hash = hashOf(ticket);
  const sealed = await seal(world.keyring, attemptPlace(environment.id, hash), JSON.stringify(beginning));
  const expiresAt = new Date(world.clock.now().getTime() + STATE_MINUTES * 60_000);
  await run(
    world.db,
    sql`insert into connect_attempts (id, environment_id, connect_session_id, provider_config_key, start_hash, start_sealed, expires_at)
        values (${id}, ${environment.id}, ${sessionId}, ${providerConfigKey}, ${hash}, ${sealed}, ${expiresAt})`,
  );
  return { id, providerConfigKey, expiresAt: expiresAt.toISOString(), status: 'waiting' };
}

/** Takes the beginning away as it reads it. @returns undefined for an unknown, used or old one */
export async function takeBeginning(world: Pick<World, 'db' | 'keyring'>, ticket: string): Promise<Beginning | undefined> {
  const hash = hashOf(ticket);
  const row = await one<{ environmentId: number; startSealed: Buffer }>(
    world.db,
    sql`with taken as (select id, start_sealed from connect_attempts
                        where start_hash = ${hash} and created_at > now() - ${`${TICKET_MINUTES} minutes`}::interval for update skip locked)
        update connect_attempts a set start_hash = null, start_sealed = null from taken where a.id = taken.id
        returning a.environment_id, taken.start_sealed`,
  );
  if (!row) return undefined;
  return JSON.parse(await open(world.keyring, attemptPlace(row.environmentId, hash), row.startSealed)) as Beginning; // sealed above with this shape
}

/** What became of it, once: the first outcome stands. */
export async function settleAttempt(db: Database, { environment }: InEnvironment, id: string, outcome: Outcome): Promise<void> {
  const done = outcome.status === 'done' ? outcome : undefined;
  const error = outcome.status === 'failed' ? outcome.error : undefined;
  await run(
    db,
    sql`update connect_attempts set status = ${outcome.status}, connection_id = ${done?.connectionId ?? null}, is_pending = ${done?.isPending ?? false},
               error_type = ${error?.type ?? null}, error_description = ${error?.message ?? null}
         where environment_id = ${environment.id} and id = ${id} and status = 'waiting'`,
  );
}

/** @throws unknown_connect_attempt */
export async function findAttempt(world: Pick<World, 'db'>, { environment, sessionId }: SessionScope, id: string): Promise<Attempt> {
  const row = await one<AttemptRow>(
    world.db,
    sql`select id, provider_config_key, expires_at, connection_id, is_pending, error_type, error_description,
               case when status = 'waiting' and expires_at < now() then 'expired' else status end as status
          from connect_attempts where environment_id = ${environment.id} and connect_session_id = ${sessionId} and id = ${id}`,
  );
  if (!row) throw problem('unknown_connect_attempt');
  return { id: row.id, providerConfigKey: row.providerConfigKey, expiresAt: row.expiresAt.toISOString(), ...stateOf(row) };
}

type AttemptRow = {
  id: string;
  providerConfigKey: string;
  status: 'waiting' | 'done' | 'failed' | 'expired';
  connectionId: string | null;
  isPending: boolean;
  errorType: string | null;
  errorDescription: string | null;
  expiresAt: Date;
};
const LATE = { type: 'state_err', message: `Nobody finished this sign-in within ${STATE_MINUTES} minutes; connect again` };

function stateOf(row: AttemptRow): Waiting | Outcome {
  if (row.status === 'done') return { status: 'done', connectionId: row.connectionId ?? '', isPending: row.isPending };
  if (row.status === 'failed') {
    return { status: 'failed', error: { type: row.errorType ?? 'unknown_err', message: row.errorDescription ?? '' } };
  }
  return row.status === 'expired' ? { status: 'failed', error: LATE } : { status: 'waiting' };
}
