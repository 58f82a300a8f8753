/** What a run may touch, decided by the host before the function starts: nothing the function says can widen it. */
import type { RunSpec } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import type { World } from '../base/world.ts';
import type { ConnectionHooks } from '../connections/hooks.ts';
import type { Target } from '../connections/target.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import type { OperationHandle } from '../logs/operation.ts';
import type { Stream } from '../records/stream.ts';
import type { Lease } from './run.ts';

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

/** Of a run whose function has schemas, in an environment that wants values held to them: see checks.ts. */
export type RunChecks = {
  /** Before the function is called. @returns why it is not to be */
  input(execution: { kind: RunSpec['kind']; input?: unknown }): Promise<RunError | undefined>;
  /** @param text the JSON that the function returned */
  output(text: Buffer): Promise<RunError | undefined>;
  /** @param body a record's JSON a line, in the order of `ids`. @throws CallError, and nothing of these is to be stored */
  records(saved: { model: string; ids: readonly string[] }, body: Buffer, usage: 'record' | 'patch'): Promise<void>;
  /** Tells how many mistakes there were, where not each had a line. */
  end(): void;
};

/** What a run has done so far, kept in memory while it is carried out. */
export type RunProgress = {
  /** Streams opened so far, by model. */
  readonly streams: Map<string, Stream>;
  /** By model: records that others changed after this position are left alone. */
  readonly unlessChangedAfter: Map<string, number>;
  /** Writes under way: what is stored as done must not be stored before them. */
  readonly writing: Set<Promise<unknown>>;
  /** Requests that failed and were not repeated with success (`failed-requests.ts`). */
  readonly failedRequests: Set<string>;
  /** Keys of the locks it asked for, whether or not it still has them. */
  readonly lockKeys: Set<string>;
  /** Keys of the checkpoints it wrote or cleared, or tried to. */
  readonly checkpointKeys: Set<string>;
  /** Models of which it held deletions back. */
  readonly held: Set<string>;
  /** Its connection and integration as they were read last; none: as it began (`reach.ts`). */
  readonly last: { target?: Target };
};

export const noProgress = (): RunProgress => ({
  streams: new Map(),
  unlessChangedAfter: new Map(),
  writing: new Set(),
  failedRequests: new Set(),
  lockKeys: new Set(),
  checkpointKeys: new Set(),
  held: new Set(),
  last: {},
});

export type RunContext = Target &
  RunProgress & {
    readonly world: RunWorld;
    readonly scope: Scope;
    readonly runId: number;
    /** Absent when the run leaves no row: nobody can take it over. */
    readonly lease?: Lease | undefined;
    /** Ends the run here, once a call finds that it is another's. */
    readonly lost?: () => void;
    /** Ends the run here, once something of the platform's own failed: it goes on from its checkpoint. Absent: the function is told, and decides. */
    readonly failed?: (error: unknown) => void;
    readonly fn: DeployedFunction;
    readonly operation: OperationHandle;
    readonly variant: string;
    /** Where its checkpoint is kept. */
    readonly checkpointKey: string;
    /** Only syncs have records. */
    readonly hasRecords: boolean;
    /** A webhook handler writes while its sync runs. */
    readonly writes?: 'beside';
    readonly signal: AbortSignal;
    /** Absent when nothing is held to a schema. */
    readonly checks?: RunChecks | undefined;
  };
