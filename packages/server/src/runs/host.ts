/** The host's side of a run: every question a function asks, answered by the run's own rights. One table, total over the protocol. */
import { type CallMethod, calls, isCallMethod } from '@bowline/api/calls';
import { Problem } from '@bowline/api/problem';
import { CallError } from '@bowline/api/protocol';
import type { SandboxAnswer, SandboxCall } from '@bowline/sandbox/pool';
import type { RunContext } from './context.ts';
import type { HostCalls } from './host-calls.ts';
import { connectionCalls } from './host-connection.ts';
import { httpCalls } from './host-http.ts';
import { checkModel, recordCalls } from './host-records.ts';
import { stateCalls } from './host-state.ts';
import { LeaseLostError } from './lease.ts';
import { stillOurs } from './reach.ts';

const table: HostCalls = { ...httpCalls, ...connectionCalls, ...recordCalls, ...stateCalls };

/** @throws CallError with what the author may know */
export async function answerCall(
  context: RunContext,
  { method, params, body }: SandboxCall,
  instead: Partial<HostCalls> = {},
): Promise<SandboxAnswer> {
  // A cancelled function may live for a moment: what it asks for then must not happen, for its successor may be running.
  if (context.signal.aborted) throw refused('The run was cancelled', 'script_aborted');
  if (!isCallMethod(method)) throw refused(`The platform has no "${method}".`, 'unknown_method');
  const parsed = calls[method].params.safeParse(params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`nango ${method}: ${issue?.path.join('.') || 'the arguments'}: ${issue?.message}`, 'invalid_arguments');
  }
  try {
    if (reaching.has(method)) await stillOurs(context);
    await checkRecords(context, method, parsed.data, body);
    const answer = (instead[method] ?? table[method]) as HostCalls[CallMethod]; // params were parsed by the schema of the same method
    return await (answer as (context: RunContext, params: unknown, body: Buffer) => Promise<SandboxAnswer>)(context, parsed.data, body);
  } catch (error) {
    if (error instanceof LeaseLostError) {
      context.lost?.();
      throw refused(error.message, 'script_aborted');
    }
    if (error instanceof Problem)
      throw new CallError({ name: 'Error', code: error.code, message: error.message, payload: error.details.payload });
    if (!(error instanceof CallError)) context.failed?.(error);
    throw error;
  }
}

/** What reaches out (`reach.ts`), but for `proxy`, which looks at the lease together with what it reaches through. */
const reaching: ReadonlySet<CallMethod> = new Set(['fetch', 'action.trigger', 'sync.trigger', 'sync.start']);

const usages: Partial<Record<CallMethod, 'record' | 'patch'>> = { 'records.save': 'record', 'records.update': 'patch' };

/** Before anything is stored, in a dry run too. A deleted record is named by its id alone. */
async function checkRecords(context: RunContext, method: CallMethod, params: object, body: Buffer): Promise<void> {
  const usage = usages[method];
  if (!context.checks || usage === undefined || !('model' in params && 'ids' in params)) return;
  const saved = params as { model: string; ids: string[] }; // parsed by the schema of these methods
  checkModel(context, saved.model);
  await context.checks.records(saved, body, usage);
}

export function refused(message: string, code: string): CallError {
  return new CallError({ name: 'Error', code, message });
}
