/**
 * The usual end of a run: it succeeded where it began, and nothing waits for a word. Runs of a process that end at about the same time end with one
 * statement. Anything else does nothing here, and is `finish.ts`'s.
 */
import { type RawBuilder, sql } from 'kysely';
import { only, prepared, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { clearingAll } from '../connections/mark-error.ts';
import { type News, newEvents, storable } from '../events/publish.ts';
import { gather } from '../http/gather.ts';
import { enqueuing } from '../queue/enqueue.ts';
import { visiting } from '../records/retention.ts';
import type { RunContext } from '../runs/context.ts';
import { type Lease, succeeding } from '../runs/run.ts';
import { asksForCompletion } from '../webhooks-out/asked.ts';
import type { Sync } from './sync.ts';

type Success = { readonly lease: Lease; readonly sync: Sync; readonly startedAt: Date; readonly news: readonly News[] };
type Row = ReturnType<typeof rowOf>;

/** A statement takes 1.5 ms of Postgres and little more for each run in it. A run that ends alone does not wait. */
const LINGER_MS = 20;

/** Those of one database that end together. */
const crowds = new WeakMap<Database, (row: Row) => Promise<boolean>>();

/** Whether it was: false when the run is not this process's any more, or over. */
export async function succeed(context: RunContext, success: Success): Promise<boolean> {
  const { db } = context.world;
  const crowd =
    crowds.get(db) ??
    gather(
      (rows) => succeedAll(db, rows, { waiting: false }),
      ({ run_id }: Row) => String(run_id),
      LINGER_MS,
    );
  crowds.set(db, crowd);
  const row = rowOf(context, success);
  // Whose sync or run is held, by somebody who may take long, waits alone.
  return (await crowd(row)) || (await succeedAll(db, [row], { waiting: true }))[0] === true;
}

const rowOf = ({ scope, connection, integration, fn, variant }: RunContext, { lease, sync, startedAt, news }: Success) => ({
  run_id: lease.id,
  attempt: lease.attempt,
  environment_id: scope.environment.id,
  sync_id: sync.id,
  connection_id: connection.id,
  subscribes: integration.managesSubscriptions,
  models: fn.config.models,
  variant,
  started_at: startedAt,
  news,
});

/** First the syncs, then their runs, as whoever controls them takes them: in the other order the two would wait for each other. */
async function succeedAll(db: Database, rows: readonly Row[], { waiting }: { waiting: boolean }): Promise<boolean[]> {
  const { won } = await only(
    db,
    prepared(sql<{ won: number[] }>`
      with given as materialized (
        select * from jsonb_to_recordset(${JSON.stringify(rows, storable)}::jsonb) as given(
          run_id bigint, attempt int, environment_id int, sync_id uuid, connection_id int, subscribes boolean, models text[], variant text, started_at timestamptz, news jsonb)),
      ours as materialized (
        select given.* from given join syncs on syncs.environment_id = given.environment_id and syncs.id = sync_id
         order by sync_id for update of syncs ${sql.raw(waiting ? '' : 'skip locked')}),
      won as (${succeeding(sql`ours`, { waiting })}),
      ended as materialized (select ours.* from ours join won using (run_id)),
      released as (${releasing}),
      visited as (${visiting(sql`ended`)}),
      cleared as (${clearingAll(sql`ended`)}),
      ${telling(sql`ended`)}
      select coalesce(json_agg(run_id), '[]') as won, (select count(*) from queued) from won`),
  );
  return rows.map(({ run_id }) => won.includes(run_id));
}

/** In the transaction of an end that took more than that. */
export async function tellCompletions(tx: Database, { scope, connection, integration }: RunContext, news: readonly News[]): Promise<void> {
  const one = sql`(select ${scope.environment.id}::int, ${connection.id}::int, ${integration.managesSubscriptions}::boolean, ${JSON.stringify(news, storable)}::jsonb)
                  as ended(environment_id, connection_id, subscribes, news)`;
  await run(tx, sql`with ${telling(one)} select from queued`);
}

/** The news and their jobs. Heard already by whoever does not ask for it: `webhooks` and `subscriptions` listen to it (worker.ts). */
function telling(ended: RawBuilder<unknown>): RawBuilder<unknown> {
  const asked = asksForCompletion({
    environmentId: sql`ended.environment_id`,
    connectionId: sql`ended.connection_id`,
    payload: sql`news.payload`,
  });
  const heard = sql`case when ${asked} then '{}'::text[] else '{webhooks}' end || case when ended.subscribes then '{}'::text[] else '{subscriptions}' end`;
  return sql`
      told as (${newEvents(ended, heard)}),
      queued as (${enqueuing('event', sql`select json_build_object('id', id) as payload from told where not heard @> '{webhooks,subscriptions}'`)})`;
}

const releasing = sql`
  update syncs set active_run = null, triggered_at = null, last_success_started_at = started_at, failures = 0 from ended
   where syncs.environment_id = ended.environment_id and syncs.id = sync_id and active_run = run_id`;
