/**
 * The usual end of a run as one statement: it succeeded where it began, and nothing waits for a word. Anything else does nothing here, and is
 * `finish.ts`'s. Seven statements and their transaction took 2 ms of the processors, half of what an empty run cost.
 */
import { type RawBuilder, sql } from 'kysely';
import { only, prepared, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { clearing } from '../connections/mark-error.ts';
import { type News, newEvents } from '../events/publish.ts';
import { enqueuing } from '../queue/enqueue.ts';
import { visiting } from '../records/retention.ts';
import type { RunContext } from '../runs/context.ts';
import { ending, type Lease } from '../runs/run.ts';
import { asksForCompletion } from '../webhooks-out/asked.ts';
import type { Sync } from './sync.ts';

type Succeeded = { readonly lease: Lease; readonly sync: Sync; readonly startedAt: Date; readonly news: readonly News[] };

/** Whether it was: false when the run is not this process's any more, or over. */
export async function succeed(context: RunContext, { lease, sync, startedAt, news }: Succeeded): Promise<boolean> {
  const { world, scope, connection, fn } = context;
  const environmentId = scope.environment.id;
  const when = sql`exists (select from ended)`;
  const mark = { environmentId, id: connection.id, type: 'sync', key: sync.id } as const;
  // First the sync, then its run, as whoever controls it takes them: in the other order the two would wait for each other.
  const { won } = await only(
    world.db,
    prepared(sql<{ won: boolean }>`
      with locked as materialized (select from syncs where environment_id = ${environmentId} and id = ${sync.id} for update),
      ended as (${ending(lease, { event: 'succeed' }, sql`exists (select from locked)`)} returning id),
      released as (${releasing({ environmentId, sync, runId: lease.id, startedAt }, when)}),
      visited as (${visiting(scope, { connection: connection.id, models: fn.config.models, variant: context.variant }, when)}),
      cleared as (${clearing(mark, when)}),
      ${telling(context, news, when)}
      select ${when} as won, (select count(*) from queued)`),
  );
  return won;
}

/** In the transaction of an end that took more than that. */
export async function tellCompletions(tx: Database, context: RunContext, news: readonly News[]): Promise<void> {
  await run(tx, sql`with ${telling(context, news, sql`true`)} select from queued`);
}

/** The news and their jobs, where `when` holds. Heard already where nobody asks for it: `webhooks` alone listens to it (worker.ts). */
function telling({ scope, connection }: RunContext, news: readonly News[], when: RawBuilder<unknown>): RawBuilder<unknown> {
  const environmentId = scope.environment.id;
  const asked = asksForCompletion({ environmentId, connectionId: connection.id }, sql`news.payload`);
  const heard = sql`case when ${asked} then '{}'::text[] else '{webhooks}' end`;
  return sql`
      told as (${newEvents(environmentId, news, { when, heard })}),
      queued as (${enqueuing('event', sql`select json_build_object('id', id) as payload from told where heard = '{}'`)})`;
}

type Releasing = { environmentId: number; sync: Sync; runId: number; startedAt: Date };

const releasing = ({ environmentId, sync, runId, startedAt }: Releasing, when: RawBuilder<unknown>) => sql`
  update syncs set active_run = null, triggered_at = null, last_success_started_at = ${startedAt}::timestamptz, failures = 0
   where environment_id = ${environmentId} and id = ${sync.id} and active_run = ${runId} and ${when}`;
