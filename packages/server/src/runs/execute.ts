/** Execute a run: hand the function to a sandbox, answer its calls, keep its log lines. The caller decides what the outcome means. */
import type { RunSpec } from '@bowline/api/protocol';
import type { SandboxCall, SandboxJob, SandboxOutcome } from '@bowline/sandbox/pool';
import type { Tape } from '../captures/tape.ts';
import { findBundle } from '../deployments/code.ts';
import type { OperationHandle } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { openCapture } from './capture.ts';
import { openChecks } from './checks.ts';
import type { RunContext } from './context.ts';
import { answerCall } from './host.ts';
import type { HostCalls } from './host-calls.ts';
import { fenced, LeaseLostError } from './lease.ts';
import { releaseLocks } from './lock.ts';

export type Execution = {
  kind: RunSpec['kind'];
  timeoutMs: number;
  input?: unknown;
  payload?: unknown;
  syncId?: string;
  lastSyncDate?: Date | null;
  /** These calls are answered here instead of by the platform: a dry run stores nothing. */
  instead?: Partial<HostCalls>;
};

/** A sync may run a day, a webhook handler an hour, an action a quarter of one, an on-event function five minutes. */
export const timeoutsMs = { sync: 24 * 3600_000, webhook: 3600_000, action: 15 * 60_000, 'on-event': 5 * 60_000 } as const;

/** Never throws for what a function does; an aborted signal ends it as `script_aborted`. */
export async function execute(context: RunContext, execution: Execution): Promise<SandboxOutcome> {
  const [js, checks] = await Promise.all([findBundle(context.world, context.scope, context.fn), openChecks(context)]);
  return executeChecked({ ...context, checks }, js, execution);
}

/** The same with code that need not be deployed. */
export async function executeCode(context: RunContext, js: string, execution: Execution): Promise<SandboxOutcome> {
  return executeChecked({ ...context, checks: await openChecks(context) }, js, execution);
}

async function executeChecked(context: RunContext, js: string, execution: Execution): Promise<SandboxOutcome> {
  const { checks } = context;
  const refusal = await checks?.input(execution);
  if (refusal) return { ok: false, error: refusal };
  const run = specOf(context, execution);
  // What is only tried, or tries a connection that is not stored yet, is not captured.
  const tape = execution.instead ? undefined : await openCapture(context, run);
  const outcome = await executeUnchecked(context, js, { ...execution, run, tape });
  tape?.end(outcome);
  const flaw = outcome.ok ? await checks?.output(outcome.output) : undefined;
  checks?.end();
  return flaw ? { ok: false, error: flaw } : outcome;
}

type Prepared = Execution & { readonly run: RunSpec; readonly tape: Tape | undefined };

async function executeUnchecked(context: RunContext, js: string, { run, tape, ...execution }: Prepared): Promise<SandboxOutcome> {
  const { world, connection, operation } = context;
  const answer = (call: SandboxCall) => answerCall(context, call, execution.instead);
  const log = limited(operation);
  try {
    return await world.sandboxes.run({
      owner: ownerOf(context),
      key: connection.id.toString(),
      run,
      code: js,
      timeoutMs: execution.timeoutMs,
      ...cpuOf(world, execution.kind),
      signal: context.signal,
      onCall: tape ? (call) => tape.call(call, () => answer(call)) : answer,
      onLog: (line) => {
        tape?.line(line);
        log(line);
      },
    });
  } finally {
    await letGo(context);
  }
}

/**
 * Most runs take no lock. One that was begun elsewhere may have left some, as it has the same owner in each attempt. Where it fails they run out by
 * themselves: what the function did and answered is not lost for them.
 */
async function letGo(context: RunContext): Promise<void> {
  const { world, scope, runId, lockKeys, lease } = context;
  if (lockKeys.size === 0 && (lease === undefined || lease.attempt === 1)) return;
  const locks = { environmentId: scope.environment.id, owner: `run:${runId}` };
  await fenced(context, ({ db }) => releaseLocks(db, locks)).catch((error: unknown) => {
    // Those of a run that another process carries on are that one's.
    if (!(error instanceof LeaseLostError)) world.log.warn({ err: error, run: runId }, 'the locks of a run could not be released');
  });
}

/** A process never serves two environments or two functions, nor two connections where that is wanted. */
function ownerOf({ world, scope, fn, connection }: RunContext): string {
  const owner = `${scope.environment.id}/${fn.id}`;
  return world.config.sandboxIsolation === 'connection' ? `${owner}/${connection.id}` : owner;
}

function cpuOf({ config }: RunContext['world'], kind: RunSpec['kind']): { cpuMs?: number } {
  const seconds = kind === 'describe' ? 0 : config.functionCpuSeconds[kind];
  return seconds === 0 ? {} : { cpuMs: seconds * 1000 };
}

function specOf(
  { world, scope, connection, integration, fn, operation, variant, runId, hasRecords }: RunContext,
  execution: Execution,
): RunSpec {
  const { environment } = scope;
  const proxy = providerOf(world, integration)?.proxy;
  return {
    kind: execution.kind,
    name: fn.name,
    connectionId: connection.connectionId,
    providerConfigKey: integration.uniqueKey,
    provider: integration.provider,
    environmentId: environment.id,
    environmentName: environment.name,
    accountId: environment.accountId,
    nangoConnectionId: connection.id,
    activityLogId: operation.id,
    syncJobId: runId,
    variant,
    models: hasRecords ? fn.config.models : [],
    isCLI: false,
    ...(execution.syncId ? { syncId: execution.syncId } : {}),
    ...(execution.lastSyncDate ? { lastSyncDate: execution.lastSyncDate.toISOString() } : {}),
    ...(execution.input === undefined ? {} : { input: execution.input }),
    ...(execution.payload === undefined ? {} : { payload: execution.payload }),
    ...(proxy?.paginate ? { paginate: proxy.paginate } : {}),
    ...(proxy?.base_url ? { proxyBaseUrl: proxy.base_url } : {}),
  };
}

/** A loop that logs must not fill the database: a person reads no more than this of one run. */
const LINES_MAX = 10_000;

function limited(operation: OperationHandle): SandboxJob['onLog'] {
  let lines = 0;
  return ({ level, message, meta }) => {
    lines += 1;
    if (lines <= LINES_MAX) operation.log(level === 'off' ? 'debug' : level, message, asMeta(meta));
    else if (lines === LINES_MAX + 1) operation.log('warn', `This run wrote ${LINES_MAX} lines; further ones are not kept`);
  };
}

function asMeta(meta: unknown): Record<string, unknown> | undefined {
  if (meta === undefined || meta === null) return undefined;
  return typeof meta === 'object' ? { ...meta } : { value: meta };
}
