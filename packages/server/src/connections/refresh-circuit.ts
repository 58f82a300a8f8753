/**
 * Circuits: a token endpoint that fails for one connection after the other, or a client that a provider refuses, is asked by nobody for a
 * while, in all processes; then by one connection, and by all again once that works. What waits counts against no connection.
 */
import { sql } from 'kysely';
import { many, one, only, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Access } from '../credentials/access.ts';
import { refusesClient } from '../credentials/failure.ts';
import { hasOwnClient, tokenHost } from '../credentials/token-host.ts';
import type { Connection } from './connection.ts';
import type { Failed } from './refresh-ask.ts';
import { PROBE_WAITS_MS, waitMs } from './refresh-backoff.ts';
import type { Target } from './target.ts';

type Needs = Pick<World, 'db' | 'clock'>;
/** What a refresh goes through: the endpoint's circuit, and that of the integration's client unless the connection has its own. */
export type Circuits = { readonly host: string; readonly client: string | null };
export type Admission =
  | { readonly as: 'free' }
  | { readonly as: 'probe'; readonly name: string }
  | { readonly as: 'paused'; readonly reason: string; readonly until: Date };

/** Connections that must fail in a row, without a success of any, before the rest is spared. */
const FAILING_MIN = 5;
/** Failures further apart than this have nothing to do with each other. */
const WINDOW_MINUTES = 10;
/** A probe that takes longer died. */
const PROBE_SECONDS = 90;

/** What an environment defines itself may name any address of any host: its failures are nobody else's. */
export function circuitsOf({ connection, integration }: Target, access: Access): Circuits {
  const whose = integration.ownProvider ? `environment ${connection.environmentId} ` : '';
  return { host: `${whose}host ${tokenHost(access)}`, client: hasOwnClient(access) ? null : clientCircuit(connection.integrationId) };
}

const clientCircuit = (integrationId: number) => `integration ${integrationId}`;

/** @param force be the probe, even before its time, unless there is one */
export async function admit({ db, clock }: Needs, circuits: Circuits, force: boolean): Promise<Admission> {
  const now = clock.now();
  const open = await one<{ name: string; reason: string; openUntil: Date; probedUntil: Date | null }>(
    db,
    sql`select name, reason, open_until, probed_until from refresh_circuits
         where name = any(${namesOf(circuits)}::text[]) and open_until is not null order by open_until desc limit 1`,
  );
  if (!open) return { as: 'free' };
  if (force || open.openUntil <= now) {
    const claimed = await run(
      db,
      sql`update refresh_circuits set probed_until = ${new Date(now.getTime() + PROBE_SECONDS * 1000)}
           where name = ${open.name} and (probed_until is null or probed_until < ${now})
             and (${force} or open_until <= ${now})`, // another may have been the probe meanwhile, and failed
    );
    if (claimed > 0) return { as: 'probe', name: open.name };
  }
  return { as: 'paused', reason: open.reason, until: new Date(Math.max(open.openUntil.getTime(), now.getTime() + 1_000)) };
}

/** The probe was not made after all. */
export async function leaveProbe({ db }: Pick<World, 'db'>, admission: Admission): Promise<void> {
  if (admission.as === 'probe') await run(db, sql`update refresh_circuits set probed_until = null where name = ${admission.name}`);
}

/** @returns those that were open, for the log */
export async function closeCircuits(db: Database, circuits: Circuits): Promise<string[]> {
  const closed = await many<{ name: string; opened: number }>(
    db,
    sql`delete from refresh_circuits where name = any(${namesOf(circuits)}::text[]) returning name, opened`,
  );
  return closed.flatMap(({ name, opened }) => (opened > 0 ? [name] : []));
}

export type Trip = { connection: Connection; circuits: Circuits; failed: Failed; admission: Admission };
export type Tripped = { readonly name: string; readonly until: Date; readonly failing: number; readonly opening: boolean };

/** Notes a failure in the circuit it speaks of. @returns the circuit, when it is open now */
export async function tripCircuit(
  tx: Database,
  now: Date,
  { connection, circuits, failed, admission }: Trip,
): Promise<Tripped | undefined> {
  const rule = ruleOf(circuits, failed);
  if (!rule) return undefined;
  const row = await only<{ failing: number; opened: number; openUntil: Date | null }>(
    tx,
    sql`insert into refresh_circuits as c (name, failing, reason, changed_at)
        values (${rule.name}, ${[connection.id]}::int[], ${failed.message}, ${now})
        on conflict (name) do update
           set failing = case when c.open_until is null and c.changed_at < ${now}::timestamptz - ${`${WINDOW_MINUTES} minutes`}::interval
                              then excluded.failing else (array_remove(c.failing, ${connection.id}::int) || excluded.failing)[1:100] end,
               reason = excluded.reason, changed_at = excluded.changed_at
        returning cardinality(failing) as failing, opened, open_until`,
  );
  const isProbe = admission.as === 'probe' && admission.name === rule.name;
  if (row.openUntil && !isProbe) return { name: rule.name, until: row.openUntil, failing: row.failing, opening: false }; // under way as it opened
  if (!row.openUntil && row.failing < rule.failingMin) return undefined;
  const wait = waitMs(PROBE_WAITS_MS, { failures: row.opened + 1, fraction: 0, retryAfterMs: failed.retryAfterMs });
  const until = new Date(now.getTime() + wait);
  await run(tx, sql`update refresh_circuits set opened = opened + 1, open_until = ${until}, probed_until = null where name = ${rule.name}`);
  return { name: rule.name, until, failing: row.failing, opening: row.openUntil === null };
}

/** A client that is refused is refused for all, a limit is the client's, and only what is down is down for everybody: nobody can pause another's. */
function ruleOf({ host, client }: Circuits, { kind, code, limited, unanswered }: Failed): { name: string; failingMin: number } | undefined {
  if (kind === 'misconfigured') return client !== null && refusesClient(code) ? { name: client, failingMin: 1 } : undefined;
  if (limited) return client === null ? undefined : { name: client, failingMin: FAILING_MIN };
  if (kind === 'provider_down' || (kind === 'transient' && unanswered)) return { name: host, failingMin: FAILING_MIN };
  return undefined;
}

function namesOf({ host, client }: Circuits): string[] {
  return client === null ? [host] : [host, client];
}

/** The client was changed. */
export async function forgetCircuit({ db }: Pick<World, 'db'>, integrationId: number): Promise<void> {
  await run(db, sql`delete from refresh_circuits where name = ${clientCircuit(integrationId)}`);
}
