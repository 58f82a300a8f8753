/**
 * Refresh: one at a time per connection, across all processes, by a lease with a fencing number in the row. The new tokens are stored
 * before anyone may use them, so a rotated refresh token is never lost to a crash of ours after the provider's answer was kept.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Access } from '../credentials/access.ts';
import type { Granted } from '../credentials/auth-mode.ts';
import { credentialsExpireAt } from '../credentials/credentials.ts';
import { modes } from '../credentials/modes.ts';
import { seal } from '../vault/seal.ts';
import { type Connection, placeOf } from './connection.ts';
import { findConnectionById } from './find.ts';
import { recordRefreshFailure } from './refresh-failure.ts';
import type { AccessWorld, Target } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Refreshing = Target & { access: Access };

/** Longer than any token request may take (60 s for the headers), so a lease ends early only when its holder died. */
const LEASE_SECONDS = 90;
const WAIT_MS = 100_000;
const POLL_MS = 100;
const BACKOFF_MS = 30_000;
const FAILED_DAYS_MAX = 4;
/** Holders that may die one after the other before a caller gives up. */
const TURNS_MAX = 3;

/** @throws connection_refresh_exhausted, connection_refresh_backoff: without trying, and without counting */
export function checkRefreshable(connection: Connection, now: Date): void {
  if (connection.refreshFailedDays >= FAILED_DAYS_MAX) throw problem('connection_refresh_exhausted');
  const sinceMs = connection.refreshFailedAt ? now.getTime() - connection.refreshFailedAt.getTime() : Number.POSITIVE_INFINITY;
  if (sinceMs < BACKOFF_MS) throw problem('connection_refresh_backoff');
}

/** @returns the connection with fresh credentials, by our own request or that of whoever was faster. @throws refresh_token_external_error */
export async function refreshConnection(world: AccessWorld, scope: InEnvironment, target: Refreshing): Promise<Connection> {
  let { connection } = target;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const fence = await takeLease(world, connection);
    if (fence !== undefined) {
      const granted = await ask(world, scope, target, fence);
      await store(world, connection, fence, granted);
      return (await findConnectionById(world, scope, connection.id)).connection;
    }
    connection = await waitForOther(world, scope, connection);
    if (!connection.credentialsSealed.equals(target.connection.credentialsSealed)) return connection;
    // The lease is over and the credentials are the old ones: its holder died, so it is our turn.
  }
  throw problem('refresh_token_external_error', { message: 'Others kept refreshing these credentials without an end; try again' });
}

/** The fence must be the one we read: whoever held it since has made what we read old. */
async function takeLease({ db }: AccessWorld, connection: Connection): Promise<number | undefined> {
  const row = await one<{ refreshFence: number }>(
    db,
    sql`update connections set refresh_fence = refresh_fence + 1, refresh_leased_until = now() + ${`${LEASE_SECONDS} seconds`}::interval
         where environment_id = ${connection.environmentId} and id = ${connection.id} and deleted_at is null
           and refresh_fence = ${connection.refreshFence}
           and (refresh_leased_until is null or refresh_leased_until < now())
        returning refresh_fence`,
  );
  return row?.refreshFence;
}

async function ask(world: AccessWorld, scope: InEnvironment, { connection, access }: Refreshing, fence: number): Promise<Granted> {
  try {
    return await modes[access.integration.provider.auth_mode].refresh(world, access);
  } catch (error) {
    const message = await recordRefreshFailure(world, scope, { connection, fence, error });
    throw problem('refresh_token_external_error', { message }, { cause: error });
  }
}

/**
 * The fence rises once more with the new credentials: who read the old ones while we held the lease must not take it after us, for
 * the refresh token it would send is used up, and some providers then revoke everything.
 * A database that is away for a moment must not cost the token: the provider may have ended the old one already.
 */
async function store(world: AccessWorld, connection: Connection, fence: number, granted: Granted): Promise<void> {
  const { environmentId, id } = connection;
  const sealed = await seal(world.keyring, placeOf(environmentId, id), JSON.stringify(granted.credentials));
  const expires = credentialsExpireAt(granted.credentials, world.clock.now());
  for (let attempt = 0; ; attempt++) {
    try {
      await run(
        world.db,
        sql`update connections
               set credentials_sealed = ${sealed}, expires_at = ${expires}, connection_config = ${JSON.stringify(granted.connectionConfig)}::jsonb,
                   refresh_fence = refresh_fence + 1, refresh_leased_until = null, refreshed_at = ${world.clock.now()}, refresh_failed_at = null, refresh_failed_days = 0, refresh_error = null,
                   errors = coalesce((select jsonb_agg(e) from jsonb_array_elements(errors) e where e ->> 'type' <> 'auth'), '[]')
             where environment_id = ${environmentId} and id = ${id} and refresh_fence = ${fence} and deleted_at is null`,
      );
      return;
    } catch (error) {
      if (attempt >= 8) throw error;
      world.log.warn({ err: error, attempt }, 'refreshed credentials could not be stored; trying again');
      await sleep(100 * 2 ** attempt);
    }
  }
}

async function waitForOther(world: AccessWorld, scope: InEnvironment, before: Connection): Promise<Connection> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const busy = await one(
      world.db,
      sql`select 1 as busy from connections
           where environment_id = ${before.environmentId} and id = ${before.id} and refresh_leased_until > now()`,
    );
    if (!busy) break;
    await sleep(POLL_MS);
  }
  const { connection } = await findConnectionById(world, scope, before.id);
  const failedSince = (connection.refreshFailedAt?.getTime() ?? 0) > (before.refreshFailedAt?.getTime() ?? 0);
  if (failedSince) throw problem('refresh_token_external_error', { message: connection.refreshError ?? undefined });
  return connection;
}
