/**
 * Refresh: one at a time per connection. Within a process callers share one flight; among processes a lease decides who asks the provider,
 * and the others wait for what it stores. New tokens are stored before anyone may use them, so no crash of ours can lose a rotated one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../base/world.ts';
import type { Access } from '../credentials/access.ts';
import type { FailureKind } from '../credentials/failure.ts';
import type { Connection } from './connection.ts';
import { findConnectionById } from './find.ts';
import { openAccess } from './open.ts';
import { askForRenewal } from './refresh-ask.ts';
import { type Admission, admit, circuitsOf, leaveProbe } from './refresh-circuit.ts';
import { recordRefreshFailure } from './refresh-failure.ts';
import { dropLease, type Lease, takeLease, waitForLease } from './refresh-lease.ts';
import { lookRefreshState } from './refresh-state.ts';
import { keepInterim, storeRenewed } from './refresh-store.ts';
import { openSecrets } from './secrets.ts';
import type { AccessWorld, Target } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type Refreshing = Target & {
  readonly access: Access;
  readonly force: boolean;
  /** Who asks can go on without: the token is still good. */
  readonly usable: boolean;
};
export type Refreshed =
  | { readonly as: 'renewed'; readonly connection: Connection }
  /** Asked, by us or by others, and failed. */
  | { readonly as: 'failed'; readonly kind: FailureKind; readonly message: string }
  /** Not asked: its endpoint, or its client, fails for everybody now. */
  | { readonly as: 'paused'; readonly message: string };
export type Flight = {
  readonly landed: Promise<Refreshed>;
  /** Resolves when it turns out that others refresh: who has a good token need not stay for that. */
  readonly waits: Promise<void>;
};

/** Waiting for others: longer than a lease. */
const WAIT_MS = 100_000;
/** Holders that may die one after the other before a caller gives up. */
const TURNS_MAX = 4;

/** For each database, since that is what connections are of: tests have several Worlds in a process. */
const flights = new WeakMap<Database, Map<number, Flight>>();

function flightsOf(db: Database): Map<number, Flight> {
  const known = flights.get(db) ?? new Map<number, Flight>();
  flights.set(db, known);
  return known;
}

export const isInFlight = ({ db }: Pick<AccessWorld, 'db'>, { id }: Connection) => flightsOf(db).has(id);

/**
 * The refresh under way, or a new one. Whoever joins takes its result when that is newer than what they read; what was decided for others
 * without asking the provider does not bind a caller who forces.
 */
export async function refreshConnection(world: AccessWorld, scope: InEnvironment, wanted: Refreshing): Promise<Refreshed> {
  for (let running = flightsOf(world.db).get(wanted.connection.id); running; running = flightsOf(world.db).get(wanted.connection.id)) {
    const result = await running.landed;
    if (result.as === 'failed') return result;
    if (result.as === 'renewed' && !(await sameCredentials(world, result.connection, wanted.connection))) return result;
    if (result.as === 'paused' && !wanted.force) return result;
  }
  return startFlight(world, scope, wanted).landed;
}

/** The caller has seen that none is under way. */
export function startFlight(world: AccessWorld, scope: InEnvironment, wanted: Refreshing): Flight {
  const own = flightsOf(world.db);
  const { id } = wanted.connection;
  let othersRefresh = () => {};
  const waits = new Promise<void>((resolve) => {
    othersRefresh = resolve;
  });
  // Gone before anyone hears of its result, so that nobody joins what is over.
  const landed = fly(world, scope, wanted, othersRefresh).finally(() => own.delete(id));
  landed.catch(() => {}); // who started it may have gone on with a good token
  const flight = { landed, waits };
  own.set(id, flight);
  return flight;
}

/** Resolves when no refresh of this process is under way: what a provider answers now must still be stored. */
export async function landAll(db: Database): Promise<void> {
  while (flightsOf(db).size > 0) await Promise.allSettled([...flightsOf(db).values()].map(({ landed }) => landed));
}

async function fly(world: AccessWorld, scope: InEnvironment, wanted: Refreshing, othersRefresh: () => void): Promise<Refreshed> {
  const patience = AbortSignal.timeout(WAIT_MS);
  const circuits = circuitsOf(wanted, wanted.access);
  let { connection, access } = wanted;
  let dead: number | undefined;
  for (let turn = 0; turn < TURNS_MAX && !patience.aborted; turn++) {
    const admission = await admit(world, circuits, wanted.force);
    if (admission.as === 'paused') return { as: 'paused', message: pausedMessage(admission) };
    const lease = await takeLease(world, connection, dead);
    if (lease) return ask(world, scope, { ...wanted, connection, access }, { lease, admission });
    await leaveProbe(world, admission);
    othersRefresh();
    dead = await waitForLease(world, connection, patience);
    const failedBefore = connection.refreshFailedAt;
    connection = (await findConnectionById(world, scope, connection.id)).connection;
    if (dead !== undefined) {
      world.log.warn({ connection: connection.id, holder: dead }, 'the process that refreshed died; its refresh is taken over');
      access = await openAccess(world, { ...wanted, connection }); // it may have kept a new refresh token before it died
      continue;
    }
    const { refreshFailedAt } = connection;
    if (refreshFailedAt && refreshFailedAt.getTime() !== failedBefore?.getTime()) return lastFailure(world, connection);
    if (!(await sameCredentials(world, connection, wanted.connection))) return { as: 'renewed', connection };
    // The lease lapsed and the credentials are the old ones: its holder hangs, so it is our turn.
  }
  return { as: 'failed', kind: 'transient', message: 'Others kept refreshing these credentials without an end; try again' };
}

type Held = { readonly lease: Lease; readonly admission: Admission };

async function ask(world: AccessWorld, scope: InEnvironment, wanted: Refreshing, { lease, admission }: Held): Promise<Refreshed> {
  const { connection, access } = wanted;
  const circuits = circuitsOf(wanted, access);
  if (lease.unansweredSince)
    world.log.warn(
      { connection: connection.id, since: lease.unansweredSince },
      'the answer to an earlier refresh is missing; asking with the same token',
    );
  let concluded = false;
  try {
    const asked = await askForRenewal(world, {
      access,
      about: { connection: connection.id, provider: connection.provider },
      keep: (credentials) => keepInterim(world, { ...wanted, lease }, { ...access, credentials }),
    });
    if ('failed' in asked) {
      const { failed } = asked;
      const message = await recordRefreshFailure(world, scope, { ...wanted, circuits, failed, admission, lease });
      concluded = true;
      return { as: 'failed', kind: failed.kind, message };
    }
    await storeRenewed(world, scope, { ...wanted, circuits, lease, granted: asked.granted });
    concluded = true;
    return { as: 'renewed', connection: (await findConnectionById(world, scope, connection.id)).connection };
  } finally {
    if (!concluded)
      await dropLease(world, connection, lease).catch((error: unknown) => world.log.warn({ err: error }, 'a lease stays until it lapses'));
  }
}

async function lastFailure(world: AccessWorld, connection: Connection): Promise<Refreshed> {
  const { failure } = await lookRefreshState(world, connection);
  const message = connection.refreshError ?? 'the provider refused';
  return { as: 'failed', kind: failure ?? 'transient', message };
}

/** A rotation of keys changes the sealed bytes and not what is in them. */
async function sameCredentials(world: AccessWorld, one: Connection, other: Connection): Promise<boolean> {
  if (one.credentialsSealed.equals(other.credentialsSealed)) return true;
  return isDeepStrictEqual(await openSecrets(world, one), await openSecrets(world, other));
}

function pausedMessage({ reason, until }: Extract<Admission, { as: 'paused' }>): string {
  return `Refreshes wait until ${until.toISOString()}, since they fail for others as well: ${reason}`;
}
