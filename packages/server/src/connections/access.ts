/** Access: everything a request through a connection needs, with credentials that are good to use now. */
import { problem } from '@bowline/api/problem';
import type { Access } from '../credentials/access.ts';
import { freshnessOf, isExpired, isRenewable } from '../credentials/expiry.ts';
import { withEnd } from '../credentials/introspection.ts';
import { type Connection, isExhausted } from './connection.ts';
import { noteExpiry } from './note-expiry.ts';
import { openAccess } from './open.ts';
import { isInFlight, type Refreshed, type Refreshing, refreshConnection, startFlight } from './refresh.ts';
import { isPassing } from './refresh-failure.ts';
import type { AccessWorld, Target } from './target.ts';
import { touch } from './touch.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type FreshAccess = Target & { access: Access };

/** How long a caller with a good token waits for a better one. */
const PATIENCE_MS = 5_000;

/**
 * Opens the credentials, refreshed first when they have expired, or always with `force`. Shortly before they expire, the caller who comes
 * first refreshes them, and others go on with what is still good, as all do when that fails for a reason that will pass.
 * @throws connection_refresh_exhausted, connection_refresh_backoff, refresh_token_external_error
 */
export async function accessConnection(
  world: AccessWorld,
  scope: InEnvironment,
  target: Target,
  { force = false } = {},
): Promise<FreshAccess> {
  touch(world, target.connection);
  const access = await openAccess(world, target);
  const { connection } = target;
  const now = world.clock.now();
  const judged = await withEnd(world, access);
  const freshness = freshnessOf(judged, access.integration, { now, seed: connection.id, since: connection.refreshedAt });
  const canRenew = () => isRenewable(access.credentials, access.integration, { forced: true });
  const forced = force && canRenew();
  if (freshness === 'fresh' && !forced) {
    if (isExpired(access.credentials, now) && !canRenew()) noteExpiry(world, scope, connection);
    return { ...target, access };
  }
  const wanted: Refreshing = { ...target, access, force: forced, usable: freshness !== 'spent' };
  const refreshed = forced || freshness === 'spent' ? await insist(world, scope, wanted) : await ifFree(world, scope, wanted);
  if (!refreshed) return { ...target, access };
  return { ...target, connection: refreshed, access: await openAccess(world, { ...target, connection: refreshed }) };
}

/** For who needs it. */
async function insist(world: AccessWorld, scope: InEnvironment, wanted: Refreshing): Promise<Connection> {
  if (!wanted.force && !isInFlight(world, wanted.connection)) checkRefreshable(wanted.connection, world.clock.now());
  return settle(await refreshConnection(world, scope, wanted));
}

/** For who has a good token. @returns undefined to go on with it. @throws refresh_token_external_error when the permission is gone */
async function ifFree(world: AccessWorld, scope: InEnvironment, wanted: Refreshing): Promise<Connection | undefined> {
  const { connection } = wanted;
  const now = world.clock.now();
  if (isInFlight(world, connection) || isWaiting(connection, now)) return undefined;
  const { landed, waits } = startFlight(world, scope, wanted);
  const refreshed = await Promise.race([landed, waits, lapse(PATIENCE_MS)]);
  if (!refreshed || refreshed.as === 'paused') return undefined;
  return refreshed.as === 'failed' && (isPassing(refreshed.kind) || refreshed.kind === 'misconfigured') ? undefined : settle(refreshed);
}

function settle(refreshed: Refreshed): Connection {
  if (refreshed.as === 'renewed') return refreshed.connection;
  if (refreshed.as === 'paused') throw problem('connection_refresh_backoff', { message: refreshed.message });
  throw problem('refresh_token_external_error', { message: refreshed.message });
}

/** Others refresh it now, or it is too soon after a failure. */
function isWaiting(connection: Connection, now: Date): boolean {
  const { refreshRetryAt, refreshLeasedUntil } = connection;
  return (
    isExhausted(connection) ||
    (refreshRetryAt !== null && refreshRetryAt > now) ||
    (refreshLeasedUntil !== null && refreshLeasedUntil > now)
  );
}

/** @throws connection_refresh_exhausted, connection_refresh_backoff: without trying, and without counting */
function checkRefreshable(connection: Connection, now: Date): void {
  const { refreshRetryAt, refreshError } = connection;
  if (isExhausted(connection)) throw problem('connection_refresh_exhausted');
  if (refreshRetryAt === null || refreshRetryAt <= now) return;
  const why = refreshError ? `: ${refreshError}` : '';
  throw problem('connection_refresh_backoff', {
    message: `The last refresh failed; the next one is due at ${refreshRetryAt.toISOString()}${why}`,
  });
}

function lapse(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
