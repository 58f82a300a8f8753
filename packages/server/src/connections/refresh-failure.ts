/**
 * What a failed refresh leaves: when to try again, the reason on the connection and in the activity log, and one event when the connection
 * just broke. While its token is still good and the reason will pass, nothing broke, and nothing is told.
 */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { fraction } from '../credentials/expiry.ts';
import type { FailureKind } from '../credentials/failure.ts';
import { publish } from '../events/publish.ts';
import { startOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { refOf } from './connection.ts';
import { markError } from './mark-error.ts';
import { WAITS_MS, waitMs } from './refresh-backoff.ts';
import { type Trip, tripCircuit } from './refresh-circuit.ts';
import { type Lease, tellRefreshed } from './refresh-lease.ts';
import type { AccessWorld } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type Failure = Trip & { readonly lease: Lease /** The token is still good. */; readonly usable: boolean };

/** Nobody has to do anything: it is tried again by itself. */
export const isPassing = (kind: FailureKind) => kind === 'transient' || kind === 'provider_down';
/** A failure that may pass counts as a day's failure only when it stays: by then an incident of the provider is known as one. */
const PASSING_MIN = 3;

/** @returns the reason, for people */
export async function recordRefreshFailure(world: AccessWorld, scope: InEnvironment, failure: Failure): Promise<string> {
  const { connection, failed, usable } = failure;
  const message = messageOf(failure);
  const now = world.clock.now();
  const quiet = usable && isPassing(failed.kind);
  const operationId = newOperationId(world);
  const done = await transaction(world.db, async (tx) => {
    const before = await one<Before>(
      tx,
      sql`select refresh_failure as kind, refresh_failures as failures, errors @> '[{"type":"auth"}]' as broken from connections
           where environment_id = ${connection.environmentId} and id = ${connection.id} and refresh_fence = ${failure.lease.fence}
             and deleted_at is null for update`,
    );
    if (!before) return undefined; // made anew or deleted meanwhile
    const tripped = await tripCircuit(tx, now, failure);
    await note(tx, failure, { before, message, now, spared: tripped !== undefined });
    await tellRefreshed({ db: tx, bus: world.bus }, connection.id);
    if (!quiet && !before.broken) await announce(tx, scope, failure, { message, operationId });
    return { tripped };
  });
  const about = { connection: connection.id, provider: connection.provider, kind: failed.kind };
  world.log.warn({ ...about, reason: message, usable }, 'a refresh failed');
  const { tripped } = done ?? {};
  if (tripped?.opening)
    world.log.error({ ...tripped, reason: failed.message }, 'refreshes pause: they fail for one connection after the other');
  if (quiet || !done) return message;
  const operation = startOperation(world, scope, {
    id: operationId,
    type: 'auth',
    action: 'refresh_token',
    title: 'Refresh credentials',
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  operation.log('error', message, { kind: failed.kind });
  operation.end({ state: 'failed', error: message });
  return message;
}

type Before = { kind: FailureKind | null; failures: number; broken: boolean };
type Noting = { before: Before; message: string; now: Date; spared: boolean };

/** Counts calendar days with a failure, not failures, and none while its provider fails for everybody. */
async function note(tx: Database, { connection, failed, lease }: Failure, { before, message, now, spared }: Noting): Promise<void> {
  const failures = before.kind === failed.kind ? before.failures + 1 : 1;
  const spread = fraction(connection.id, now.getTime());
  const wait = waitMs(WAITS_MS[failed.kind], { failures, fraction: spread, retryAfterMs: failed.retryAfterMs });
  const counts = !spared && (!isPassing(failed.kind) || failures >= PASSING_MIN);
  await run(
    tx,
    sql`update connections
           set refresh_fence = refresh_fence + 1, refresh_leased_until = null, refresh_holder = null, refresh_error = ${message},
               refresh_failure = ${failed.kind}, refresh_failures = ${failures}, refresh_retry_at = ${new Date(now.getTime() + wait)},
               refresh_unanswered_since = case when ${failed.unanswered || lease.unansweredSince !== null} then refresh_unanswered_since end,
               refresh_failed_days = refresh_failed_days + (${counts} and (refresh_failed_days = 0 or refresh_failed_at is null
                   or (refresh_failed_at at time zone 'utc')::date < (${now}::timestamptz at time zone 'utc')::date))::int,
               refresh_failed_at = ${now}
         where environment_id = ${connection.environmentId} and id = ${connection.id} and refresh_fence = ${lease.fence}`,
  );
}

type Announcing = { message: string; operationId: string };

async function announce(tx: Database, scope: InEnvironment, { connection }: Failure, { message, operationId }: Announcing): Promise<void> {
  await markError(tx, { environmentId: connection.environmentId, id: connection.id, type: 'auth', key: 'refresh' }, operationId);
  await publish(tx, scope.environment.id, 'connection.refresh_failed', {
    connection: refOf(connection),
    error: { type: 'refresh_token_external_error', description: message },
    tags: connection.tags,
    endUser: connection.endUser,
  });
}

/** A refusal after an answer that never came has another cause than most, and only who reads this can know. */
function messageOf({ failed, lease }: Failure): string {
  const since = lease.unansweredSince;
  if (failed.kind !== 'revoked' || (!failed.unanswered && since === null)) return failed.message;
  const when = since === null ? 'a moment before' : `at ${since.toISOString()}`;
  return `${failed.message}. The answer to an earlier refresh, ${when}, was lost: the provider may have replaced the refresh token in it and no longer honours the old one`;
}
