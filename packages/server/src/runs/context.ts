/** What a run may touch, decided by the host before the function starts: nothing the function says can widen it. */
import type { World } from '../base/world.ts';
import type { ConnectionHooks } from '../connections/hooks.ts';
import type { Target } from '../connections/target.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import type { OperationHandle } from '../logs/operation.ts';
import type { Stream } from '../records/stream.ts';

/** What functions may ask of higher floors; tied together in main.ts. */
export type Upcalls = {
  triggerAction(scope: Scope, call: { providerConfigKey: string; connectionId: string; name: string; input: unknown }): Promise<unknown>;
  triggerSync(
    scope: Scope,
    call: { providerConfigKey: string; connectionId: string; name: string; variant: string; reset: boolean; emptyCache: boolean },
  ): Promise<void>;
  startSyncs(
    scope: Scope,
    call: { providerConfigKey: string; connectionId?: string | undefined; syncs: { name: string; variant: string }[] },
  ): Promise<void>;
};
export type RunWorld = World & { readonly upcalls: Upcalls; readonly hooks: ConnectionHooks };

export type RunContext = Target & {
  readonly world: RunWorld;
  readonly scope: Scope;
  readonly runId: number;
  readonly fn: DeployedFunction;
  readonly operation: OperationHandle;
  readonly variant: string;
  /** Where its checkpoint is kept. */
  readonly checkpointKey: string;
  /** Only syncs have records. */
  readonly hasRecords: boolean;
  readonly signal: AbortSignal;
  /** Streams opened so far, by model. */
  readonly streams: Map<string, Stream>;
  /** By model: records that others changed after this position are left alone. */
  readonly unlessChangedAfter: Map<string, number>;
  /** Requests that failed and were not repeated with success (`failed-requests.ts`). */
  readonly failedRequests: Set<string>;
};
