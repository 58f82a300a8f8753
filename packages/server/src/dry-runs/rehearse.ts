/** Rehearse a function: compile it, run it in a sandbox for a connection, and tell how it went. What it stores is only collected. */
import type { DryRun } from '@bowline/api/dry-runs';
import { problem } from '@bowline/api/problem';
import type { RunError } from '@bowline/api/sandbox-message';
import { neverBegan } from '@bowline/sandbox/pool';
import { findWithIntegration } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { type CompiledFunction, compileFunction } from '../deployments/compile.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { JobEnd, JobFailure } from '../deployments/job.ts';
import type { Scope } from '../http/scope.ts';
import { checkpointKey } from '../runs/checkpoint.ts';
import { noProgress, type RunContext, type RunWorld } from '../runs/context.ts';
import { executeCode } from '../runs/execute.ts';
import { nextRunId } from '../runs/run.ts';
import type { Notes } from './notes.ts';
import { openStore } from './store.ts';

const COMPILE_MS = 3 * 60_000;
const TIMEOUT_MS = 5 * 60_000;
const NAME = 'function';

type Rehearsal = { wanted: DryRun; notes: Notes; signal: AbortSignal };

/** @throws unknown_provider_config, unknown_connection, compilation_error, execution_environment_unavailable */
export async function rehearse(world: RunWorld, scope: Scope, { wanted, notes, signal }: Rehearsal): Promise<JobEnd> {
  const target = await findWithIntegration(world, scope, { providerConfigKey: wanted.integration_id, connectionId: wanted.connection_id });
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(COMPILE_MS)]);
  const source = { integration: wanted.integration_id, name: NAME, code: wanted.code, signal: waiting };
  const compiled = await compileFunction(world, scope, source);
  const { type } = compiled.flow;
  if (type !== wanted.function_type)
    throw problem('compilation_error', {
      message: `function_type: the source is ${type === 'sync' ? 'a sync' : 'an action'}, not ${wanted.function_type}`,
    });
  const store = openStore(notes, { metadata: wanted.metadata, checkpoint: wanted.checkpoint });
  const context: RunContext = {
    ...target,
    world,
    scope,
    runId: await nextRunId(world.db),
    fn: unstored(target, compiled),
    operation: notes.operation,
    variant: 'base',
    checkpointKey: checkpointKey(type, NAME),
    hasRecords: type === 'sync',
    signal,
    ...noProgress(),
  };
  const lastSyncDate = wanted.last_sync_date === undefined ? null : new Date(wanted.last_sync_date);
  const input = type === 'action' ? { input: wanted.input ?? null } : {};
  const outcome = await executeCode(context, compiled.flow.fileBody.js, {
    kind: type,
    timeoutMs: TIMEOUT_MS,
    lastSyncDate,
    ...input,
    instead: store.calls,
  });
  const output = notes.text();
  if (!outcome.ok) return { ok: false, error: failureOfRun(outcome.error), output };
  return { ok: true, result: type === 'action' ? JSON.parse(outcome.output.toString('utf8')) : store.result(), output };
}

/** A function as a run knows it, of which there is no row. */
function unstored({ integration }: Target, { flow }: CompiledFunction): DeployedFunction {
  return {
    id: 0,
    environmentId: integration.environmentId,
    integrationId: integration.id,
    type: flow.type,
    name: NAME,
    event: null,
    versionId: 0,
    number: 0,
    version: '',
    enabled: true,
    source: 'standalone',
    config: {
      models: flow.models,
      input: flow.input,
      schema: flow.models_json_schema ?? undefined,
      autoStart: false,
      trackDeletes: flow.track_deletes,
    },
    frequencyMs: null,
    codeHash: Buffer.alloc(0),
    deployedAt: new Date(0),
  };
}

function failureOfRun(error: RunError): JobFailure {
  const { type, message, ...details } = error;
  if (neverBegan(error)) return { code: 'execution_environment_unavailable', message };
  const code = type === 'execution_timeout' ? 'timeout' : 'dryrun_error';
  return { code, message: message || type, payload: { type, ...details } };
}
