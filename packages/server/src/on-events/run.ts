/** Run an on-event function for a connection: with the action's surface, its own operation in the activity log, and a limit. */
import type { onEvents } from '@bowline/api/deploy';
import type { SandboxOutcome } from '@bowline/sandbox/pool';
import type { World } from '../base/world.ts';
import type { Target } from '../connections/target.ts';
import { listFunctions } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import { type OperationHandle, startOperation } from '../logs/operation.ts';
import { checkpointKey } from '../runs/checkpoint.ts';
import { noProgress, type RunContext, type RunWorld } from '../runs/context.ts';
import { execute } from '../runs/execute.ts';
import type { HostCalls } from '../runs/host-calls.ts';
import type { Lease, RunFailure } from '../runs/run.ts';

export type OnEvent = (typeof onEvents)[number];
type InEnvironment = { readonly environment: { readonly id: number } };

/** Those that are enabled, by name. */
export async function functionsFor(
  world: Pick<World, 'db'>,
  scope: InEnvironment,
  { integrationId, event }: { integrationId: number; event: OnEvent },
): Promise<DeployedFunction[]> {
  const all = await listFunctions(world, scope, [integrationId]);
  return all.filter((fn) => fn.type === 'on-event' && fn.event === event && fn.enabled);
}

export type OnEventRun = Target & {
  readonly fn: DeployedFunction;
  readonly operation: OperationHandle;
  readonly runId: number;
  readonly lease?: Lease;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly instead?: Partial<HostCalls>;
};

/** Closes the operation, unless the run was cut short and goes on elsewhere. */
export async function runOnEvent(world: RunWorld, scope: Scope, { timeoutMs, instead, ...run }: OnEventRun): Promise<SandboxOutcome> {
  const context: RunContext = {
    ...run,
    world,
    scope,
    variant: 'base',
    checkpointKey: checkpointKey('on-event', run.fn.name),
    hasRecords: false,
    ...noProgress(),
  };
  const outcome = await execute(context, { kind: 'on-event', timeoutMs, ...(instead ? { instead } : {}) });
  if (outcome.ok) run.operation.end({ state: 'success' });
  else {
    const { type } = outcome.error;
    run.operation.log('error', messageOf(outcome.error), { ...outcome.error });
    if (run.signal.aborted) return outcome;
    run.operation.end({
      state: type === 'execution_timeout' ? 'timeout' : 'failed',
      error: messageOf(outcome.error),
      meta: { error_type: type },
    });
  }
  return outcome;
}

export function openOnEvent(
  world: Pick<World, 'journal' | 'clock' | 'random'>,
  scope: InEnvironment,
  { fn, integration, connection, id }: Target & { fn: DeployedFunction; id?: string },
): OperationHandle {
  return startOperation(world, scope, {
    ...(id ? { id } : {}),
    type: 'on_event',
    action: fn.event ?? 'run',
    title: `On-event function ${fn.name}`,
    integration: integration.uniqueKey,
    provider: integration.provider,
    connection: connection.connectionId,
    function: fn.name,
    meta: { version: fn.version },
  });
}

/** What the author said: an ActionError has no message of its own, but a payload with one. */
export function messageOf({ message, payload, type }: RunFailure): string {
  if (message) return message;
  const said =
    typeof payload === 'object' && payload !== null
      ? ['message', 'error'].map((key) => Object.entries(payload).find(([own]) => own === key)?.[1])
      : [];
  return said.find((one): one is string => typeof one === 'string' && one !== '') ?? type;
}
