/** A job of the functions platform: one function to deploy or to try out, from when it was asked for until 14 days later. */
import type { Job, JobStarted, jobStates } from '@bowline/api/deployments';
import { sql } from 'kysely';
import * as z from 'zod';
import { one, only, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { NamedCaller, Scope } from '../http/scope.ts';

export type JobState = (typeof jobStates)[number];
export type JobKind = 'deployment' | 'dryrun';
export type JobFailure = { code: string; message: string; payload?: unknown };

export type FunctionJob = {
  /** UUID. */
  readonly id: string;
  readonly environmentId: number;
  readonly kind: JobKind;
  readonly state: JobState;
  /** Unique key. */
  readonly integration: string;
  readonly functionType: 'sync' | 'action';
  readonly functionName: string | null;
  /** What was asked; null once it has ended. */
  readonly request: unknown;
  readonly askedBy: NamedCaller | null;
  readonly attempts: number;
  readonly output: string | null;
  readonly result: unknown;
  readonly error: JobFailure | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
};

const columns = sql`id, environment_id, kind, state, integration, function_type, function_name, request, asked_by, attempts, output, result, error,
  created_at, updated_at, started_at, ended_at`;

export type NewJob = Pick<FunctionJob, 'id' | 'kind' | 'integration' | 'functionType' | 'functionName' | 'request'> & {
  askedBy?: NamedCaller | undefined;
};

export async function createJob(db: Database, { environment }: Scope, job: NewJob): Promise<FunctionJob> {
  return only<FunctionJob>(
    db,
    sql`insert into function_jobs (id, environment_id, kind, integration, function_type, function_name, request, asked_by)
        values (${job.id}, ${environment.id}, ${job.kind}, ${job.integration}, ${job.functionType}, ${job.functionName},
                ${JSON.stringify(job.request)}::json, ${job.askedBy ? JSON.stringify(job.askedBy) : null}::jsonb)
        returning ${columns}`,
  );
}

/** Another environment's job is simply not there. */
export async function lookJob(
  db: Database,
  { environment }: Scope,
  { kind, id }: Pick<FunctionJob, 'kind' | 'id'>,
): Promise<FunctionJob | undefined> {
  return one<FunctionJob>(
    db,
    sql`select ${columns} from function_jobs where environment_id = ${environment.id} and kind = ${kind} and id = ${id}`,
  );
}

/** Moves a waiting or running job to running and counts the attempt. @returns undefined when it has ended */
export async function startJob(db: Database, environmentId: number, id: string): Promise<FunctionJob | undefined> {
  return one<FunctionJob>(
    db,
    sql`update function_jobs
           set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()), updated_at = now()
         where environment_id = ${environmentId} and id = ${id} and state in ('waiting', 'running')
        returning ${columns}`,
  );
}

export type JobEnd = { output?: string | undefined } & ({ ok: true; result?: unknown } | { ok: false; error: JobFailure });

/** Ends a job once; what it was given is forgotten. @returns whether this call did */
export async function endJob(
  db: Database,
  { environmentId, id }: Pick<FunctionJob, 'environmentId' | 'id'>,
  end: JobEnd,
): Promise<boolean> {
  const result = end.ok && end.result !== undefined ? JSON.stringify(end.result) : null;
  const error = end.ok ? null : JSON.stringify({ ...end.error, message: end.error.message.slice(0, MESSAGE_MAX) });
  const ended = await run(
    db,
    sql`update function_jobs
           set state = ${end.ok ? 'success' : 'failed'}, request = null, output = ${end.output ?? null}, result = ${result}::json,
               error = ${error}::json, ended_at = now(), updated_at = now()
         where environment_id = ${environmentId} and id = ${id} and state in ('waiting', 'running')`,
  );
  return ended === 1;
}

/** What a deployment brought; none when it failed. */
export function deployedBy({ result }: FunctionJob): { name: string; version: string }[] {
  return z
    .array(z.object({ name: z.string(), version: z.string() }))
    .catch([])
    .parse(result);
}

const MESSAGE_MAX = 20_000;
const KEPT_DAYS = 14;

/** Of all environments. */
export async function purgeJobs({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  const oldest = new Date(clock.now().getTime() - KEPT_DAYS * 24 * 3600_000);
  await run(db, sql`delete from function_jobs where created_at < ${oldest}`);
}

export const startedJob = ({ id, state, createdAt }: FunctionJob): JobStarted => ({
  id,
  status: state,
  created_at: createdAt.toISOString(),
});

export function wireJob(job: FunctionJob): Job {
  const { startedAt, endedAt } = job;
  return {
    id: job.id,
    status: job.state,
    integration_id: job.integration,
    function_type: job.functionType,
    created_at: job.createdAt.toISOString(),
    updated_at: job.updatedAt.toISOString(),
    ...(startedAt ? { started_at: startedAt.toISOString() } : {}),
    ...(endedAt ? { completed_at: endedAt.toISOString() } : {}),
    ...(startedAt && endedAt ? { duration_ms: endedAt.getTime() - startedAt.getTime() } : {}),
    ...(job.output === null ? {} : { output: job.output }),
    ...(job.error ? { error: job.error } : {}),
  };
}
