/** Call an action and wait for its output; or enqueue it and answer where the output will be. */
import { type Problem, problem } from '@bowline/api/problem';
import { problems } from '@bowline/api/problems';
import type { SandboxOutcome } from '@bowline/sandbox/pool';
import { both, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type ConnectionName, findWithIntegration } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { lookFunction } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import { type OperationHandle, startOperation } from '../logs/operation.ts';
import { enqueue } from '../queue/enqueue.ts';
import { checkpointKey } from '../runs/checkpoint.ts';
import { noProgress, type RunContext, type RunWorld } from '../runs/context.ts';
import { execute, timeoutsMs } from '../runs/execute.ts';
import type { Lease } from '../runs/run.ts';
import { createRuns, nextRunId, type RunFailure } from '../runs/run.ts';

export type ActionCall = ConnectionName & { name: string; input: unknown };
export type FoundAction = Target & { fn: DeployedFunction };

/** @throws unknown_provider_config, unknown_connection, not_found, disabled_resource */
export async function findAction(world: Pick<World, 'db'>, scope: Scope, call: ConnectionName & { name: string }): Promise<FoundAction> {
  const { providerConfigKey, name } = call;
  const [target, fn] = await both(
    world.db,
    () => findWithIntegration(world, scope, call),
    () => lookFunction(world, scope, { providerConfigKey, type: 'action', name }),
  );
  if (!fn) throw problem('not_found', { message: `The integration "${providerConfigKey}" has no action "${name}"; deploy it first` });
  if (!fn.enabled) throw problem('disabled_resource');
  return { ...target, fn };
}

/** @returns the output as JSON text. @throws all of findAction, and how a run can fail */
export async function callAction(world: RunWorld, scope: Scope, call: ActionCall): Promise<string> {
  const [found, runId] = await Promise.all([findAction(world, scope, call), nextRunId(world.db)]);
  // Never aborted: a caller that goes away does not stop an action, since what it does upstream may be half done.
  const { signal } = new AbortController();
  const operation = openOperation(world, scope, found);
  const outcome = await runAction(world, scope, { ...found, input: call.input, operation, signal, runId });
  if (outcome.ok) return outcome.output.toString('utf8');
  throw runProblem(outcome.error);
}

export type ActionRun = FoundAction & { input: unknown; operation: OperationHandle; signal: AbortSignal; runId: number; lease?: Lease };

/** Runs the function and closes its operation, unless it failed and is `triedAgain`, or was cut short and runs again elsewhere. */
export async function runAction(
  world: RunWorld,
  scope: Scope,
  { input, ...run }: ActionRun,
  { triedAgain = false } = {},
): Promise<SandboxOutcome> {
  const context: RunContext = {
    ...run,
    world,
    scope,
    variant: 'base',
    checkpointKey: checkpointKey('action', run.fn.name),
    hasRecords: false,
    ...noProgress(),
  };
  const outcome = await execute(context, { kind: 'action', timeoutMs: timeoutsMs.action, input });
  if (outcome.ok) run.operation.end({ state: 'success' });
  else {
    run.operation.log('error', outcome.error.message || outcome.error.type, { ...outcome.error });
    if ((triedAgain && isWorthAnotherTry(outcome.error)) || run.signal.aborted) return outcome;
    run.operation.end({
      state: outcome.error.type === 'execution_timeout' ? 'timeout' : 'failed',
      error: messageOf(outcome.error),
      meta: { error_type: outcome.error.type },
    });
  }
  return outcome;
}

/** The same input stays wrong. */
export const isWorthAnotherTry = ({ type }: RunFailure): boolean => type !== 'invalid_action_input';

export function openOperation(world: World, scope: Scope, { integration, connection, fn }: FoundAction, id?: string): OperationHandle {
  return startOperation(world, scope, {
    ...(id ? { id } : {}),
    type: 'action',
    action: 'run',
    title: `Action ${fn.name}`,
    integration: integration.uniqueKey,
    provider: integration.provider,
    connection: connection.connectionId,
    function: fn.name,
    meta: { version: fn.version },
  });
}

/** @returns the id to ask the result by */
export async function enqueueAction(world: World, scope: Scope, call: ActionCall & { retries: number }): Promise<string> {
  const { connection, fn } = await findAction(world, scope, call);
  const publicId = world.random.uuid();
  await transaction(world.db, async (tx) => {
    const [runId = 0] = await createRuns(tx, [
      { environmentId: scope.environment.id, connectionId: connection.id, functionId: fn.id, kind: 'action', publicId, input: call.input },
    ]);
    await enqueue(tx, { task: 'action-run', payload: { runId, retries: call.retries }, maxAttempts: 25 });
  });
  return publicId;
}

/** A failed run as the problem its caller gets. */
export function runProblem(error: RunFailure): Problem {
  const code = isRunProblem(error.type) ? error.type : 'action_script_failure';
  const upstream = error.upstream as { status: number; headers: Record<string, string>; body: unknown } | undefined; // made by the runner in this shape
  return problem(code, {
    message: messageOf(error),
    payload: error.payload ?? {},
    ...(upstream ? { upstream: { ...upstream, body: upstream.body ?? null } } : {}),
  });
}

/** An ActionError has no message of its own: what its author put into the payload says more than the code. */
function messageOf({ message, payload, type }: RunFailure): string {
  if (message) return message;
  const inner = typeof payload === 'object' && payload !== null && 'message' in payload ? payload.message : undefined;
  return typeof inner === 'string' ? inner : type;
}

type RunProblemCode = Extract<
  keyof typeof problems,
  `script_${string}` | `function_${string}` | `action_script_${string}` | `invalid_action_${string}` | 'execution_timeout'
>;
const isRunProblem = (type: string): type is RunProblemCode =>
  type in problems && /^(script_|function_|action_script_|invalid_action_|execution_timeout$)/.test(type);
