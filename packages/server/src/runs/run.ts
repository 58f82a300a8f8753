/** A run: one execution of a function. Its number is also the generation of the records it writes: later runs have higher ones. */
import { type RawBuilder, sql } from 'kysely';
import { run as execute, many, one, only, prepared } from '../base/database.ts';
import { type Machine, transition } from '../base/states.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { wanted } from '../http/wanted.ts';

export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled';
export type RunEvent = 'start' | 'succeed' | 'fail' | 'cancel';

const over = { start: null, succeed: null, fail: null, cancel: null };
/** A run started again after a crash stays running; one that is over stays as it is, so of a finish and a cancellation one wins. */
export const nextState: Machine<RunState, RunEvent> = {
  queued: { start: 'running', succeed: null, fail: 'failed', cancel: 'cancelled' },
  running: { start: 'running', succeed: 'success', fail: 'failed', cancel: 'cancelled' },
  success: over,
  failed: over,
  cancelled: over,
};

/** Why a run failed, as stored and shown. */
export type RunFailure = { type: string; message: string; payload?: unknown; upstream?: unknown; stack?: string[] | undefined };

export type Run = {
  readonly id: number;
  readonly environmentId: number;
  readonly connectionId: number;
  readonly functionId: number;
  readonly kind: 'sync' | 'action' | 'on-event' | 'webhook';
  readonly syncId: string | null;
  readonly publicId: string | null;
  readonly state: RunState;
  readonly attempts: number;
  readonly input: unknown;
  readonly error: RunFailure | null;
  readonly operationId: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Of a sync: when it should have begun, and how many of its slots passed before that without a run. */
  readonly dueAt: Date | null;
  readonly missed: number;
  /** What a webhook handler is called for: the webhook, and which of its events. */
  readonly webhookId: string | null;
  readonly webhookPart: number | null;
  /** How often the platform itself failed at it. */
  readonly failures: number;
};

export const columns = sql`id, environment_id, connection_id, function_id, kind, sync_id, public_id, state, attempts, input, error, operation_id,
  created_at, started_at, ended_at, due_at, missed, webhook_id, webhook_part, failures`;

/** Who may carry out a run: whoever started it last. */
export type Lease = { readonly id: number; readonly environmentId: number; readonly attempt: number };

export type NewRun = Pick<Run, 'environmentId' | 'connectionId' | 'functionId' | 'kind'> & {
  syncId?: string;
  publicId?: string;
  input?: unknown;
  operationId?: string;
  /** Of a sync: when it should begin, and how many of its slots passed before that without a run. */
  dueAt?: Date;
  missed?: number;
  webhookId?: string;
  webhookPart?: number;
  /** It has no job before `nextInTurn` names it. */
  waitsTurn?: boolean;
  /** From then on any process may take it (`take.ts`). */
  readyAt?: Date;
};

/** @returns their ids, in the same order */
export async function createRuns(db: Database, wanted: readonly NewRun[]): Promise<number[]> {
  if (wanted.length === 0) return [];
  const rows = wanted.map((one) => ({
    environment_id: one.environmentId,
    connection_id: one.connectionId,
    function_id: one.functionId,
    kind: one.kind,
    sync_id: one.syncId,
    public_id: one.publicId,
    input: one.input,
    operation_id: one.operationId,
    due_at: one.dueAt,
    missed: one.missed ?? 0,
    webhook_id: one.webhookId,
    webhook_part: one.webhookPart,
    waits_turn: one.waitsTurn ?? false,
    ready_at: one.readyAt,
  }));
  const created = await many<{ id: number }>(
    db,
    sql`insert into runs (environment_id, connection_id, function_id, kind, sync_id, public_id, input, operation_id, due_at, missed,
                          webhook_id, webhook_part, waits_turn, ready_at)
        select environment_id, connection_id, function_id, kind, sync_id, public_id, input, operation_id, due_at, missed,
               webhook_id, webhook_part, waits_turn, ready_at
          from json_populate_recordset(null::runs, ${JSON.stringify(rows)}::json) with ordinality
         order by ordinality
        returning id`,
  );
  return created.map(({ id }) => id);
}

/**
 * The same of syncs, as a part of a larger statement; each answers its `id` and `sync_id`.
 * @param from syncs with `due_at`, `missed` and `ready_at`, in the order in which their runs get their numbers
 */
export const creatingSyncRuns = (from: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into runs (environment_id, connection_id, function_id, kind, sync_id, due_at, missed, ready_at)
  select environment_id, connection_id, function_id, 'sync', id, due_at, missed, ready_at from ${from}
  returning id, sync_id`;

export const lookRun: (db: Database, id: number) => Promise<Run | undefined> = gathered(
  (ids) => sql<Run & { place: number }>`select place::int, found.* from ${wanted(ids, [['id', 'bigint', (id) => id]])},
        lateral (select ${columns} from runs where runs.id = wanted.id limit 1) found`,
  String,
);

/** Of an action called asynchronously, with its output as JSON text. */
export async function lookPublicRun(
  db: Database,
  environmentId: number,
  publicId: string,
): Promise<(Run & { output: string | null }) | undefined> {
  return one<Run & { output: string | null }>(
    db,
    sql`select ${columns}, output::text as output from runs where environment_id = ${environmentId} and public_id = ${publicId}`,
  );
}

/** The newest runs of some syncs, by run id. */
export async function findRuns(db: Database, environmentId: number, ids: readonly number[]): Promise<Map<number, Run>> {
  if (ids.length === 0) return new Map();
  const { rows } =
    await sql<Run>`select ${columns} from runs where environment_id = ${environmentId} and id = any(${[...ids]}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Moves a queued or running run to running; counts the attempt, and takes it from whoever had it. @returns undefined when it was already over */
export async function startRun(db: Database, run: Pick<Run, 'id' | 'environmentId'>, operationId: string): Promise<Lease | undefined> {
  const { from, to } = transition(nextState, 'start');
  return one(
    db,
    prepared(sql<Lease>`update runs set state = ${to}, attempts = attempts + 1, started_at = coalesce(started_at, now()), operation_id = ${operationId}
         where environment_id = ${run.environmentId} and id = ${run.id} and state = any(${from}::text[])
        returning id, environment_id, attempts as attempt`),
  );
}

export type Ending = { event: Exclude<RunEvent, 'start'>; output?: Buffer | undefined; error?: RunFailure | undefined };

/** Ends a run once. @param run with an attempt: only if nobody took the run since. @returns whether this call did: of a finish and a cancellation one wins */
export async function endRun(
  db: Database,
  run: Pick<Run, 'id' | 'environmentId'> & Partial<Lease>,
  { event, output, error }: Ending,
): Promise<boolean> {
  const { from, to } = transition(nextState, event);
  const ended = await execute(
    db,
    sql`update runs set state = ${to}, ended_at = now(), output = ${output?.toString('utf8') ?? null}::json,
               error = ${error ? JSON.stringify(error) : null}::jsonb
         where environment_id = ${run.environmentId} and id = ${run.id} and state = any(${from}::text[])
           and attempts = coalesce(${run.attempt ?? null}::int, attempts)`,
  );
  return ended === 1;
}

/**
 * Ends many with success, as a part of a larger statement. Answers their `run_id`.
 * @param ours their `run_id`, `environment_id` and `attempt`. @param waiting for whoever holds one; else that one is left out
 */
export function succeeding(ours: RawBuilder<unknown>, { waiting }: { waiting: boolean }): RawBuilder<unknown> {
  const { from, to } = transition(nextState, 'succeed');
  return sql`update runs set state = ${to}, ended_at = now() from (
         select runs.id as run_id from runs join ${ours} ours on runs.id = ours.run_id and runs.environment_id = ours.environment_id
          where attempts = attempt and state = any(${from}::text[]) for update of runs ${sql.raw(waiting ? '' : 'skip locked')}) ending
       where runs.id = run_id returning run_id`;
}

/** A number for a run that leaves no row: an action somebody waits for, whose log entry says all. */
export async function nextRunId(db: Database): Promise<number> {
  const row = await only<{ id: number }>(db, sql`select nextval(pg_get_serial_sequence('runs', 'id')) as id`);
  return row.id;
}
