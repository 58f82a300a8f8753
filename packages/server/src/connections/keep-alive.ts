/**
 * Looks after connections nobody uses: about once a day each is renewed, so that refresh tokens which end when unused live on, and keys are
 * tried. Any process takes a few that are due at a time; what it leaves undone when it dies, another finds due again ten minutes later.
 */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import { keepTurning } from '../base/turns.ts';
import type { World } from '../base/world.ts';
import { fraction, isDueBefore, isRenewable } from '../credentials/expiry.ts';
import { classify } from '../credentials/failure.ts';
import { lasts, verify } from '../credentials/verify.ts';
import { type Connection, isExhausted } from './connection.ts';
import { lookConnectionById } from './find.ts';
import { openAccess } from './open.ts';
import { refreshConnection } from './refresh.ts';
import { isPassing } from './refresh-failure.ts';
import { lookRefreshState } from './refresh-state.ts';
import type { AccessWorld, Target } from './target.ts';
import { recordTest } from './test-outcome.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
/** So many at once, and so many at most in a second: 100,000 connections are a little more than one a second. */
const BATCH = 10;
const TURN_MS = 1_000;
/** When nothing was due. */
const REST_MS = 15_000;
/** Until others may take what we took and did not finish. */
const CLAIM_MS = 10 * MINUTE;
/** A look that came to nothing, as during an incident, or that found a key refused for the first time. */
const SOON_MS = HOUR;
const CONFIRM_MS = 10 * MINUTE;

type Row = { readonly id: number; readonly environmentId: number };

/** @returns how to stop */
export function keepAlive(world: AccessWorld & Pick<World, 'config'>): () => Promise<void> {
  if (!world.config.keepAlive) return async () => {};
  return keepTurning({
    log: world.log,
    trouble: 'idle connections could not be looked after; trying again',
    turn: async () => (await lookAfterSome(world)) === BATCH,
    turnMs: TURN_MS,
    restMs: REST_MS,
  });
}

/** @returns how many were due */
export async function lookAfterSome(world: AccessWorld): Promise<number> {
  const now = world.clock.now();
  // Of all environments: each row names its own. One statement, so rows that another process takes meanwhile are skipped.
  const rows = await many<Row>(
    world.db,
    sql`update connections set look_at = ${new Date(now.getTime() + CLAIM_MS)}
         where id in (select id from connections where look_at <= ${now} and deleted_at is null order by look_at limit ${BATCH} for update skip locked)
        returning id, environment_id`,
  );
  await Promise.all(rows.map((row) => lookAfter(world, row)));
  return rows.length;
}

async function lookAfter(world: AccessWorld, { id, environmentId }: Row): Promise<void> {
  const scope = { environment: { id: environmentId } };
  try {
    const target = await lookConnectionById(world, scope, id);
    if (!target) return;
    const againMs = await tend(world, scope, target);
    const next = new Date(world.clock.now().getTime() + againMs);
    await run(world.db, sql`update connections set look_at = ${next} where environment_id = ${environmentId} and id = ${id}`);
  } catch (error) {
    world.log.warn({ err: error, connection: id }, 'an idle connection could not be looked after'); // and is due again when its claim ends
  }
}

type InEnvironment = { readonly environment: { readonly id: number } };

/** @returns when to look again */
async function tend(world: AccessWorld, scope: InEnvironment, target: Target): Promise<number> {
  const { connection } = target;
  const access = await openAccess(world, target);
  const now = world.clock.now();
  // From 23 to 25 hours, so that what was made together spreads over time.
  const daily = DAY - HOUR + 2 * HOUR * fraction(connection.id, now.getTime());
  if (lasts(access.credentials)) {
    const verdict = await verify(world, access);
    if (verdict.ok && !verdict.tested) return daily;
    const refused = !verdict.ok && verdict.status !== undefined && classify(verdict.status) === 'revoked';
    if (!verdict.ok && !refused) return SOON_MS; // not of the key: the provider is down, or was never reached
    const { confirm } = await recordTest(world, scope, connection, verdict.ok ? undefined : verdict.message);
    return confirm ? CONFIRM_MS : daily;
  }
  if (!isRenewable(access.credentials, access.integration) || isUsed(connection, now)) return daily;
  const aging = { now, seed: connection.id, since: connection.refreshedAt, until: new Date(now.getTime() + 25 * HOUR) };
  if (!isDueBefore(access.credentials, access.integration, aging) || !(await mayTry(world, connection, now))) return daily;
  // Nobody waits for it, so nobody hears of what passes.
  const refreshed = await refreshConnection(world, scope, { ...target, access, force: false, usable: true });
  return refreshed.as === 'paused' || (refreshed.as === 'failed' && isPassing(refreshed.kind)) ? SOON_MS : daily;
}

/** Callers renew what they use. */
function isUsed({ lastFetchedAt }: Connection, now: Date): boolean {
  return lastFetchedAt !== null && now.getTime() - lastFetchedAt.getTime() < DAY;
}

/** Callers are told that a connection is exhausted; if all its failures might have passed, a look a day finds out when they have. */
async function mayTry(world: AccessWorld, connection: Connection, now: Date): Promise<boolean> {
  if (connection.refreshRetryAt !== null && connection.refreshRetryAt > now) return false;
  if (!isExhausted(connection)) return true;
  const { failure } = await lookRefreshState(world, connection);
  return failure !== null && isPassing(failure);
}
